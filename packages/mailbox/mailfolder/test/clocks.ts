/** A clock that jumps: UIDs and modseqs go on, no UIDVALIDITY comes twice, and nothing is lost. */
import { mock } from 'node:test'
import t from 'tap'
import { maildir } from './fixtures/maildirs.ts'

const text = Buffer.from('X-Id: one\r\n\r\none\r\n')

t.test('back by years, forward by years, and home again', async (t) => {
  const made = maildir()
  const now = Date.now()
  t.teardown(() => mock.timers.reset())
  const told: { uid: number; modseq: number }[] = []
  const validities: number[] = []
  for (const [at, when] of [now, Date.UTC(2001, 0, 1), 0, Date.UTC(2037, 0, 1), now].entries()) {
    mock.timers.reset()
    mock.timers.enable({ apis: ['Date'], now: when })
    for (const isAnew of [false, true]) {
      if (isAnew) made.reopen()
      const inbox = await made.inbox()
      const [uid = 0] = await inbox.append([{ message: text, flags: 1, keywords: [`kw${at}`] }])
      await inbox.store([uid], { how: 'add', flags: 2, keywords: [] })
      const validity = inbox.uidValidity
      validities[0] ??= validity
      t.equal(validity, validities[0], 'UIDVALIDITY stays')
      told.push({ uid, modseq: inbox.modseqOf(uid) })
    }
    made.account.create(`At${at}`)
    await made.account.status(`At${at}`)
    validities.push(made.account.open(`At${at}`).uidValidity)
  }
  t.same(
    told.map(({ uid }) => uid),
    told.map((_, at) => at + 1),
    'a UID after the other',
  )
  for (const [at, { modseq }] of told.entries()) if (at > 0) t.ok(modseq > (told[at - 1]?.modseq ?? 0), `modseq ${modseq} is a new one`)
  t.equal(new Set(validities).size, validities.length, 'each mailbox has a UIDVALIDITY of its own')
  t.equal((await made.inbox()).count, told.length)
})
