/** Times that a sender has appointed: a message that is held, and one that is to come back when it would be late. */
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const now = (): number => Math.floor(Date.now() / 1000)

t.test('a message leaves when it may, not before, and not because all are to be tried', async (t) => {
  const home = new Home()
  const send = new Send(home, { facts: true })
  const until = now() + 4
  const id = home.submit({ sender: 'a@b.test', recipients: ['r@far.test'], facts: `v1 HOLD=${until}` })
  await send.until(() => home.file('todo', id) === undefined)
  send.child.kill('SIGALRM')
  const command = await send.command('remote')
  t.ok(now() >= until, `${until - now()} seconds too early`)
  send.report('remote', command.delivery, 'K')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('a message is held across a start of send', async (t) => {
  const home = new Home()
  const first = new Send(home, { facts: true })
  const id = home.submit({ sender: 'a@b.test', recipients: ['r@far.test', 's@far.test'], facts: `v1 HOLD=${now() + 1_000_000}` })
  await first.until(() => home.file('todo', id) === undefined)
  t.equal(await first.stop(), 0)
  const second = new Send(home, { facts: true })
  await second.logged(/^status/)
  home.submit({ sender: 'a@b.test', recipients: ['other@far.test'] })
  const command = await second.command('remote')
  t.equal(command.recipient, 'other@far.test', 'nothing of the other one')
  second.report('remote', command.delivery, 'K')
  t.equal(await second.stop(), 0)
  t.equal(home.file('remote', id), 'Tr@far.test\0Ts@far.test\0')
  home.remove()
})

t.test('what is late comes back at its deadline, with a status of its own; with N it goes on', async (t) => {
  const home = new Home()
  const send = new Send(home, { facts: true })
  home.submit({ sender: 'a@b.test', recipients: ['late@far.test', 'x@far.test'], facts: `v1 BY=${now() - 1};R` })
  for (const _ of [1, 2]) await send.deliver('remote', 'Z', 'not now')
  await send.logged(/failure: .*there_by_now\._\(#5\.4\.7\)\/not_now/)
  home.submit({ sender: 'a@b.test', recipients: ['n@far.test', 'x@far.test'], facts: `v1 BY=${now() - 1};N` })
  for (const _ of [1, 2]) await send.deliver('remote', 'Z', 'not now')
  await send.logged(/deferral: not_now/)
  t.equal(await send.stop(), 0)
  home.remove()
})
