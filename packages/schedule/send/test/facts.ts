/** Facts of an envelope, from todo/ to rspawn, through info/ where a message stays (spec §14). */
import { factsText } from '@yabumi/facts'
import type { Command } from '@yabumi/spawnprotocol'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const told = (command: Command): string | undefined => command.facts && factsText(command.facts)

t.test('the only recipient has the facts at the first attempt, from todo/, and at the next one, from info/', async (t) => {
  const home = new Home()
  const facts = 'v1 BODY=8BITMIME R0.ORCPT=rfc822;joe@old.test'
  const first = new Send(home, { facts: true })
  const id = home.submit({ sender: 'a@b.test', recipients: ['r@far.test'], facts })
  const command = await first.command('remote')
  t.equal(told(command), facts)
  first.report('remote', command.delivery, 'Z', 'not now')
  await first.until(() => home.file('todo', id) === undefined)
  t.equal(home.file('info', id), 'Fa@b.test\0Av1 BODY=8BITMIME\0Aremote 0 v1 R0.ORCPT=rfc822;joe@old.test\0')
  t.equal(home.file('remote', id), 'Tr@far.test\0')
  t.equal(await first.stop(), 0)
  const second = new Send(home, { facts: true })
  await second.logged(/^status/)
  second.child.kill('SIGALRM')
  const again = await second.command('remote')
  t.equal(told(again), facts)
  second.report('remote', again.delivery, 'K')
  t.equal(await second.stop(), 0)
  home.remove()
})

t.test('each of several recipients has its own facts, wherever it went', async (t) => {
  const home = new Home()
  const send = new Send(home, { facts: true })
  const facts = 'v1 R0.ORCPT=rfc822;zero R2.ORCPT=rfc822;two R9.ORCPT=rfc822;nobody'
  const id = home.submit({ sender: 'a@b.test', recipients: ['one@far.test', 'joe@me.test', 'three@far.test'], facts })
  const one = await send.command('remote')
  t.same([one.recipient, told(one)], ['one@far.test', 'v1 R0.ORCPT=rfc822;zero'])
  const local = await send.command('local')
  t.equal(local.facts, undefined, 'lspawn gets three fields, as from qmail-send')
  t.equal(home.file('info', id), 'Fa@b.test\0Aremote 0 v1 R0.ORCPT=rfc822;zero\0Aremote 14 v1 R0.ORCPT=rfc822;two\0')
  send.report('remote', one.delivery, 'K')
  send.report('local', local.delivery, 'K')
  const three = await send.command('remote')
  t.same([three.recipient, told(three)], ['three@far.test', 'v1 R0.ORCPT=rfc822;two'])
  send.report('remote', three.delivery, 'K')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test("to a spawn program that is not ours no facts go, and info/ without facts is qmail's", async (t) => {
  const home = new Home()
  const send = new Send(home)
  home.submit({ sender: 'a@b.test', recipients: ['r@far.test'], facts: 'v1 BODY=8BITMIME' })
  const command = await send.command('remote')
  t.same([command.recipient, command.facts], ['r@far.test', undefined])
  send.report('remote', command.delivery, 'K')
  const id = home.submit({ sender: 'a@b.test', recipients: ['r@far.test', 's@far.test'] })
  await send.until(() => home.file('todo', id) === undefined)
  t.equal(home.file('info', id), 'Fa@b.test\0')
  for (const _ of ['r', 's']) await send.deliver('remote', 'K')
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('what send does not know behind the number of p does not stop a message', async (t) => {
  const home = new Home()
  const send = new Send(home, { facts: true })
  for (const facts of ['v2 X=1', 'v1 NEW=1 BODY=7BIT torn', 'nonsense \xff']) {
    home.submit({ sender: 'a@b.test', recipients: ['r@far.test'], facts })
    const command = await send.command('remote')
    t.equal(told(command), facts.includes('BODY') ? 'v1 BODY=7BIT' : '')
    send.report('remote', command.delivery, 'K')
  }
  t.match(send.log, /qp 4711 uid 1000/)
  t.equal(await send.stop(), 0)
  home.remove()
})
