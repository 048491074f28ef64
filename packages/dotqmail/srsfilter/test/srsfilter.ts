/** A forward goes out under a packed sender, and the bounce that comes to it finds its way back. */
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { startSink } from '../../../../test/support/sink.ts'
import { until } from '../../../../test/support/wait.ts'

t.test('there and back again', async (t) => {
  const sink = await startSink()
  t.teardown(() => sink.close())
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('smtproutes', `:127.0.0.1:${sink.port}\n`)
  home.control('srs_domain', 'srs.example\n')
  home.control('srs_secrets', 'tops3cret\n')
  home.control('virtualdomains', 'srs.example:srs\n')
  const dotfile = join(home.directory, 'alias/.qmail-srs-default')
  writeFileSync(dotfile, '|srsfilter\n')
  chmodSync(dotfile, 0o644)
  chownSync(dotfile, userAccount.uid, userAccount.gid)
  home.userFile('joe', '.qmail', '&far@away.example\n')
  home.userFile('joe', '.qmail-program', '|forward far@away.example\n')
  home.userFile('ann', '.qmail-list', '&far@away.example\n')
  home.userFile('ann', '.qmail-list-owner', '&ann\n')
  const running = await home.supervise()
  const sent = async (count: number) => {
    await until(`the next host has ${count} messages:\n${running.log}`, () => sink.messages.length === count)
    return sink.messages.at(-1)
  }
  await home.inject(['-feve@orig.example', 'joe@mail.test.example'], 'Subject: one\n\nhello\n')
  const first = await sent(1)
  t.match(first?.sender, /^SRS0=[A-Za-z0-9+/]{4}=[A-Z2-7]{2}=orig\.example=eve@srs\.example$/)
  t.same(first?.recipients, ['far@away.example'])
  await home.inject(['-feve@orig.example', 'joe-program@mail.test.example'], 'Subject: two\n\nhello\n')
  t.equal((await sent(2))?.sender, first?.sender, 'forward is told, too')
  await home.inject(['-feve@orig.example', 'ann-list@mail.test.example'], 'Subject: three\n\nhello\n')
  t.equal((await sent(3))?.sender, 'ann-list-owner@mail.test.example', 'an owner of a list here is no stranger')
  await home.inject(['-f', '', first?.sender ?? ''], 'Subject: bounce\n\nno\n')
  const back = await sent(4)
  t.equal(back?.sender, '')
  t.same(back?.recipients, ['eve@orig.example'])
  t.match(back?.text, /\nSubject: bounce\n/)
  await home.inject(['-f', 'x@y.example', 'SRS0=AAAA=JM=orig.example=victim@srs.example'], 'Subject: forged\n\nno\n')
  await running.logs(/failure: srsfilter:_fatal:_this_SRS_address_was_not_made_here/)
  t.equal((await sent(5))?.recipients[0], 'x@y.example')
  await running.emptied()
})
