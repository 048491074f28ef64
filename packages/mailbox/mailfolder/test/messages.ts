/** Messages come by APPEND, COPY and MOVE: whole, with a UID that is told once they are durable. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { flagBits, Refusal, View } from '../src/index.ts'
import { flagsOf, maildir } from './fixtures/maildirs.ts'

const text = Buffer.from('From: a@b.example\r\nSubject: n\r\n\r\nbody\r\n')

t.test('a message with flags goes to cur/, one without to new/ unless somebody has it open', async (t) => {
  const { inbox, ls, cat, path } = maildir()
  const mailbox = await inbox()
  t.same(await mailbox.append([{ message: text, flags: flagBits.seen, keywords: ['kw'], date: 1_000_000_000 }]), [1])
  t.match(ls('cur').join(), /^\d+\.M\d+P\d+\.[^:]+,S=35,W=39:2,Sa$/)
  t.match(cat('dovecot-uidlist'), /^3 V\d+ N1 G[0-9a-f]{32}\n1 :\d+\.M\d+P\d+\.[^\n]*\n$/)
  t.equal(statSync(join(path, 'cur', ls('cur')[0] ?? '')).mtimeMs, 1_000_000_000_000)
  t.same(await mailbox.append([{ message: text, flags: 0, keywords: [] }]), [2])
  t.match(ls('new').join(), /^\d+\.M\d+P\d+\.[^:]+$/)
  t.equal(cat(`new/${ls('new')[0]}`), text.toString().replaceAll('\r\n', '\n'))
  const view = new View(mailbox, true)
  await mailbox.sync()
  t.equal(view.recentCount, 2)
  t.same(await mailbox.copy([1], mailbox), [3])
  t.equal(view.news(true).exists, 3)
  t.equal(view.recentCount, 3)
  t.same(flagsOf(mailbox), ['1 \\Seen kw', '2', '3 \\Seen kw'])
  t.equal(mailbox.emailId(1), mailbox.emailId(3), 'a copy is the same mail')
  t.equal(await mailbox.date(3), 1_000_000_000)
  t.same(ls('tmp'), [])
})

t.test('what many append at once gets as many UIDs, in one order', async (t) => {
  const { inbox, ls } = maildir()
  const mailbox = await inbox()
  const uids = await Promise.all(Array.from({ length: 20 }, () => mailbox.append([{ message: text, flags: 1, keywords: [] }])))
  t.same(
    uids.flat().sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
  t.equal(ls('cur').length, 20)
})

t.test('a move leaves nothing behind, and a message that is gone stops it', async (t) => {
  const { account, inbox, ls } = maildir({ 'cur/1.a.h:2,F': 'x\n', 'cur/2.a.h:2,a': 'y\n', 'dovecot-keywords': '0 work\n' })
  account.create('Archive/2026')
  const [from, to] = [await inbox(), account.open('Archive/2026')]
  await to.sync()
  await t.rejects(from.move([1, 7], to), Refusal)
  t.same([ls('cur').length, ls('.Archive.2026/cur').length, ls('.Archive.2026/tmp').length], [2, 0, 0])
  t.same(await from.move([2, 1], to), [1, 2])
  t.same(flagsOf(to), ['1 work', '2 \\Flagged'])
  t.same(ls('cur'), [])
  t.equal(from.count, 0)
})

t.test('what cannot be taken in leaves nothing', async (t) => {
  const { inbox, ls, put } = maildir()
  const mailbox = await inbox()
  put('dovecot-uidlist', '3 V5 N4294967294 G0123456789abcdef0123456789abcdef\n')
  await mailbox.sync()
  t.ok(mailbox.replaced)
  await t.rejects(mailbox.append([{ message: text, flags: 0, keywords: [] }]))
  t.same([ls('new'), ls('cur'), ls('tmp')], [[], [], []])
})

t.test('the quota of maildirsize is kept, and what comes and goes is noted', async (t) => {
  const { account, inbox, cat } = maildir({ 'cur/1.a.h,S=1000:2,S': 'x', maildirsize: '1050S,10C\n1000 1\n' })
  const mailbox = await inbox()
  await mailbox.append([{ message: text, flags: 0, keywords: [] }])
  t.equal(cat('maildirsize'), '1050S,10C\n1000 1\n35 1\n')
  await t.rejects(mailbox.append([{ message: text, flags: 0, keywords: [] }]), { code: 'OVERQUOTA' })
  await t.rejects(mailbox.copy([1], mailbox), { code: 'OVERQUOTA' })
  await mailbox.expunge([2])
  t.same(account.usage(), { limit: { bytes: 1050, count: 10 }, used: { bytes: 1000, count: 1 } })
})
