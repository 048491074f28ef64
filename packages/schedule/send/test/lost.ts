/** A program that send is connected with gets lost, or is there and cannot be talked to: send ends, and supervise starts all of them anew. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const mail = (name: string) => ({ sender: 'a@b.test', recipients: [`${name}@me.test`] })
const alarm = /^alert: oh no! lost spawn connection! dying\.\.\.$/m
const noStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0 ? false : 'strace is not installed or may not trace'

t.test('send ends though lspawn, which takes no commands any more, lives and never reports', async (t) => {
  const home = new Home({ concurrencylocal: '2\n' })
  const send = new Send(home)
  const first = home.submit(mail('joe'))
  await send.command('local')
  send.deafen(0)
  const second = home.submit(mail('ann'))
  t.equal(await send.ended(), 0)
  t.match(send.log, alarm)
  for (const id of [first, second]) t.not(home.file('todo', id), undefined, 'what was under way is there, to be tried again')
  home.remove()
})

t.test('what a lost lspawn has under way is heard before send ends', async (t) => {
  const home = new Home({ concurrencylocal: '2\n' })
  const send = new Send(home)
  const first = home.submit(mail('joe'))
  const { delivery } = await send.command('local')
  send.deafen(0)
  home.submit(mail('ann'))
  await send.logged(alarm)
  send.report('local', delivery, 'K')
  await send.logged(/^end msg/)
  send.lose(0)
  t.equal(await send.ended(), 0)
  t.equal(home.file('mess', first), undefined, 'it is not delivered again')
  home.remove()
})

t.test('a lost lspawn does not cut off what rspawn has under way', async (t) => {
  const home = new Home()
  const send = new Send(home)
  const far = home.submit({ sender: 'a@b.test', recipients: ['joe@far.test'] })
  const { delivery } = await send.command('remote')
  send.deafen(0)
  home.submit(mail('ann'))
  await send.logged(alarm)
  send.lose(0)
  send.report('remote', delivery, 'K')
  t.equal(await send.ended(), 0)
  t.equal(home.file('mess', far), undefined)
  home.remove()
})

t.test('after an EIO on a write to lspawn its commands end, and send does when it has left', { skip: noStrace }, async (t) => {
  const home = new Home()
  t.teardown(() => home.remove())
  const fault = ['-e', 'trace=write', '-e', 'inject=write:error=EIO:when=1']
  const send = new Send(home, { tracer: (lspawn) => ['strace', '-D', '-o', '/dev/null', '-P', lspawn, ...fault] })
  home.submit(mail('joe'))
  await send.until(() => send.hasEnded(0))
  send.lose(0)
  t.equal(await send.ended(), 0)
  t.match(send.log, alarm)
})
