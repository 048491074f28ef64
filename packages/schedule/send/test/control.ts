/** How send starts, what it is told while it runs, and how it ends. */
import { closeSync, mkdirSync, openSync, readdirSync, readlinkSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from '@yabumi/posix'
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const failures: [about: string, spoil: (home: Home) => void, warning: RegExp, alert: string][] = [
  ['no home', (home) => rmSync(home.path, { recursive: true }), /./, 'unable to switch to home directory'],
  [
    'a control file that cannot be read',
    (home) => mkdirSync(join(home.path, 'control/percenthack')),
    /control\/percenthack/,
    'unable to read controls',
  ],
  ['neither locals nor me', (home) => unlinkSync(join(home.path, 'control/me')), /control\/locals/, 'unable to read controls'],
  [
    'no queue',
    (home) => renameSync(join(home.path, 'queue'), join(home.path, 'old')),
    /queue.*config-fast/,
    'unable to switch to queue directory',
  ],
  ['no mutex', (home) => unlinkSync(join(home.path, 'queue/lock/sendmutex')), /sendmutex.*config-fast/, 'unable to open mutex'],
]
for (const [about, spoil, warning, alert] of failures) {
  t.test(`send does not start with ${about}, and says so`, async (t) => {
    const home = new Home()
    const send = new Send(home, {}, () => spoil(home))
    t.equal(await send.ended(), 111)
    const [reason, line, ...rest] = send.log.split('\n')
    t.match(reason, warning)
    t.match(reason, /^warning: /)
    t.same([line, ...rest], [`alert: cannot start: ${alert}`, ''])
    home.remove()
  })
}

t.test('send does not start beside another one', async (t) => {
  const home = new Home()
  const mutex = openSync(join(home.path, 'queue/lock/sendmutex'), 'r+')
  t.ok(tryLock(mutex))
  const send = new Send(home)
  t.equal(await send.ended(), 111)
  t.equal(send.log, 'alert: cannot start: qmail-send is already running\n')
  closeSync(mutex)
  home.remove()
})

for (const [name, greetings] of [
  ['lspawn', [undefined, 120]],
  ['rspawn', [120, undefined]],
] as const) {
  t.test(`send does not start without ${name}`, async (t) => {
    const home = new Home()
    const send = new Send(home, { greetings })
    t.equal(await send.ended(), 111)
    t.equal(send.log, 'alert: cannot start: hath the daemon spawn no fire?\n')
    home.remove()
  })
}

t.test('TERM ends a send that still waits for a directory of the queue', async (t) => {
  const home = new Home()
  rmSync(join(home.path, 'queue/info/5'), { recursive: true })
  const send = new Send(home)
  await send.logged(/^alert: unable to opendir info\/5, sleeping\.\.\.$/)
  t.equal(await send.stop(), 0)
  t.match(send.log, /^status: exiting$/m)
  home.remove()
})

t.test('TERM starts nothing more, and waits for what is under way', async (t) => {
  const home = new Home({ concurrencylocal: '2\n', concurrencyremote: '100\n' })
  const send = new Send(home)
  const probes = Array.from({ length: 100 }, (_, n) => `p@y${n}.test`)
  home.submit({ sender: 'a@b.test', recipients: ['a@me.test', 'b@me.test', 'c@me.test', ...probes] })
  const [first, second] = [await send.command('local'), await send.command('local')]
  await send.until(() => send.commands.remote.length === probes.length)
  send.child.kill('SIGTERM')
  let told = 0
  while (!send.log.includes('exitasap')) {
    await send.deliver('remote', 'Z') // the status line tells whether the signal has been noticed
    told += 1
    await send.logged(/deferral/, told)
  }
  send.report('local', first.delivery, 'K')
  await send.logged(/^delivery 1/)
  const late = home.submit({ sender: '', recipients: ['late@me.test'] })
  while (send.commands.remote.length > 0) await send.deliver('remote', 'Z')
  send.report('local', second.delivery, 'D', 'No.\n')
  t.equal(await send.ended(), 0)
  t.match(send.log, /delivery 2: failure: No\.\/\nstatus: local 0\/2 remote \d+\/100 exitasap\n/)
  t.match(send.log, /status: local 0\/2 remote 0\/100 exitasap\nstatus: exiting\n$/)
  t.equal(send.commands.local.length, 0)
  t.not(home.file('todo', late), undefined)
  t.equal(home.files().filter((name) => name.startsWith('bounce/')).length, 1)
  home.remove()
})

t.test('HUP reads locals and virtualdomains again; what cannot be read stays as it was', async (t) => {
  const home = new Home({ locals: 'me.test\n' })
  const send = new Send(home)
  await send.logged(/^status/)
  home.write('control/locals', 'me.test\nnew.test\n')
  home.write('control/virtualdomains', 'v.test:joe\n')
  send.child.kill('SIGHUP')
  unlinkSync(join(home.path, 'control/virtualdomains'))
  mkdirSync(join(home.path, 'control/virtualdomains'))
  send.child.kill('SIGHUP')
  await send.logged(/^alert: unable to reread control\/virtualdomains$/)
  home.submit({ sender: 'a@b.test', recipients: ['joe@new.test'] })
  t.equal(await send.deliver('local', 'K'), 'joe@new.test')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('a changed locals file takes effect by itself', async (t) => {
  const home = new Home({ locals: 'me.test\n', concurrencyremote: '0\n' })
  const send = new Send(home)
  await send.logged(/^status/)
  const tryAgain = setInterval(() => {
    home.write('control/locals', 'me.test\nnew.test\n') // watching begins some time after the start
    home.submit({ sender: 'a@b.test', recipients: ['joe@new.test'] })
  }, 300)
  t.equal((await send.command('local')).recipient, 'joe@new.test')
  clearInterval(tryAgain)
  t.notMatch(send.log, /alert|warning/)
  await send.stop('SIGKILL')
  home.remove()
})

t.test('a lost spawn program ends send, after the deliveries of the other one', async (t) => {
  const home = new Home()
  const send = new Send(home)
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'x@y.test'] })
  const { delivery } = await send.command('remote')
  await send.command('local')
  send.lose(0)
  await send.logged(/^alert: oh no! lost spawn connection! dying\.\.\.$/)
  send.report('remote', delivery, 'K')
  t.equal(await send.ended(), 0)
  t.match(send.log, /delivery \d: success: \nstatus: local 1\/1 remote 0\/1 exitasap\nstatus: exiting\n$/)
  t.equal(home.file('local', id), 'Tjoe@me.test\0')
  t.equal(home.file('remote', id), undefined)
  home.remove()
})

t.test('a lost clean ends send', async (t) => {
  const home = new Home()
  const send = new Send(home, { clean: () => undefined })
  const id = home.submit({ sender: 'a@b.test', recipients: ['joe@me.test', 'ann@me.test'] })
  await send.until(() => send.cleaned.length === 1)
  send.lose(2)
  t.equal(await send.ended(), 0)
  t.match(send.log, /^alert: oh no! lost qmail-clean connection! dying\.\.\.$/m)
  t.not(home.file('todo', id), undefined)
  home.remove()
})

t.test('send works without a trigger, and says that it is missing', async (t) => {
  const home = new Home()
  unlinkSync(join(home.path, 'queue/lock/trigger'))
  home.todo({ sender: 'a@b.test', recipients: ['joe@me.test'] })
  const send = new Send(home)
  await send.deliver('local', 'K')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  t.match(send.log, 'warning: unable to open lock/trigger\n')
  home.remove()
})

t.test('signals that come while it waits for the greetings are heard when it has started', async (t) => {
  const home = new Home()
  const now = Math.floor(Date.now() / 1000)
  home.stock('a@b.test', { local: 'Tjoe@me.test\0' }, now, now + 5_000)
  const send = new Send(home, { greetings: [0, 120] })
  const waits = (): boolean =>
    readdirSync(`/proc/${send.child.pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${send.child.pid}/fd/${fd}`).endsWith('/sendmutex')
      } catch {
        return false
      }
    })
  while (!waits()) await new Promise((resolve) => setTimeout(resolve, 10))
  for (const signal of ['SIGALRM', 'SIGHUP', 'SIGURG'] as const) send.child.kill(signal)
  send.say('local', Buffer.from([120]))
  t.equal(await send.deliver('local', 'K'), 'joe@me.test')
  await send.logged(/^end msg/)
  t.equal(await send.stop(), 0)
  home.remove()
})
