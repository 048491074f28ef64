/** qhold and qrelease on a system that runs, on one that does not, and on one whose send is not ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { tryLock } from '@yabumi/posix'
import { heldUntil } from '@yabumi/retrytimes'
import t, { type Test } from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { until } from '../../../../test/support/wait.ts'

const from = ['-fme@mail.test.example']
const text = 'Subject: x\n\ny\n'

/** A home whose mail to far.example is deferred at once, and tried again much later. */
async function homeOf(t: Test): Promise<ScratchHome> {
  const home = await ScratchHome.make(t, 'joe')
  home.control('smtproutes', 'far.example:127.0.0.1:1\n')
  return home
}

/** Queue a message that is deferred. @returns its number */
async function deferred(home: ScratchHome, recipient = 'a@far.example'): Promise<string> {
  const before = new Set(home.queued())
  await home.inject([...from, recipient], text)
  return until('the message is preprocessed', () => home.queued().find((id) => !before.has(id) && timeOf(home, id) !== undefined))
}

function timeOf(home: ScratchHome, id: string): number | undefined {
  const path = join(home.directory, 'queue/remote', String(Number(id) % 23), id)
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && Math.floor(stats.mtimeMs / 1000)
}

t.test('without --yes it is only said what would be held', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home)
  const { stdout } = await home.run('qhold', ['--domain', 'far.example'])
  t.match(stdout, new RegExp(`^would hold #${id}  \\d+s  <me@mail.test.example> to a@far.example\n1 message; --yes does it\n$`))
  t.not(timeOf(home, id), heldUntil)
  await running.stop()
})

t.test('a held message is not tried by ALRM, nor after a restart of send, until it is released', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home)
  const other = await deferred(home, 'b@far.example')
  const { stdout } = await home.run('qhold', ['--yes', id])
  t.match(stdout, new RegExp(`^held #${id} .*\n1 message held\n$`))
  t.equal(timeOf(home, id), heldUntil)
  const attempts = (number: string): number => running.log.split(`: msg ${number} to remote`).length - 1
  process.kill(running.pids().get('send') as number, 'SIGALRM')
  await until('the other one is tried again', () => attempts(other) === 2)
  t.equal(attempts(id), 1)
  process.kill(running.pids().get('send') as number, 'SIGTERM')
  await running.logs(/status: local 0\/\d+ remote 0\/\d+$/m, 2)
  await home.run('qretry', ['--yes', other])
  await until('the other one is tried after the restart', () => attempts(other) === 3)
  t.equal(attempts(id), 1)
  t.equal(timeOf(home, id), heldUntil)
  t.match((await home.run('qrelease', ['--yes', '--all'])).stdout, `released #${id}`)
  await until('the released one is tried', () => attempts(id) === 2)
  t.equal(attempts(other), 3)
  await running.stop()
})

t.test('a message that is being delivered is not held, and goes on as if nobody had asked', async (t) => {
  const home = await homeOf(t)
  const go = join(home.userHome('joe'), 'go')
  home.userFile('joe', '.qmail', `|touch ${go}.begun; while [ ! -e ${go} ]; do sleep 0.05; done\n./Maildir/\n`)
  const running = await home.supervise({ smtp: [], pop3: [] })
  await home.inject([...from, 'joe@mail.test.example', 'a@far.example'], text)
  await until('the delivery has begun', () => statSync(`${go}.begun`, { throwIfNoEntry: false }) !== undefined)
  const [id = ''] = home.queued()
  const { exitCode, stdout } = await home.run('qhold', ['--yes', id], { reject: false })
  t.equal(exitCode, 111)
  t.match(stdout, `#${id} is being delivered; nothing is changed`)
  home.userFile('joe', 'go', '')
  await until('it is delivered', () => home.maildir('joe').length === 1)
  await running.stop()
})

t.test('a message that waits for room at its destination is held', async (t) => {
  const home = await homeOf(t)
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  t.teardown(() => silent.close())
  await once(silent, 'listening')
  home.control('smtproutes', `slow.example:127.0.0.1:${(silent.address() as AddressInfo).port}\n`)
  home.control('concurrencyperhost', '1\n')
  home.control('timeoutremote', '25\n')
  const running = await home.supervise({ smtp: [], pop3: [] })
  for (const name of ['a', 'b', 'c']) await home.inject([...from, `${name}@slow.example`], text)
  await running.logs(/starting delivery 1/)
  await until('the others are preprocessed', async () => (await home.run('qread')).stdout.split('@slow.example').length > 2)
  const { stdout } = await home.run('qhold', ['--yes', '--domain', 'slow.example'], { reject: false })
  t.match(stdout, /(^|\n)held #.*\n[\s\S]*2 messages held\n$/)
  process.kill(running.pids().get('send') as number, 'SIGALRM')
  await running.logs(/delivery 1: deferral/)
  t.equal(running.log.split('starting delivery').length - 1, 1)
  await running.stop()
})

t.test('while no send runs, what is held stays held when one starts', async (t) => {
  const home = await homeOf(t)
  let running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home)
  await running.stop()
  t.match((await home.run('qhold', ['--yes', '--recipient', '*@far.example'])).stdout, /1 message held/)
  running = await home.supervise({ smtp: [], pop3: [] })
  const other = await deferred(home, 'b@far.example')
  t.notMatch(running.log, `msg ${id} to`)
  t.match((await home.run('qrelease', ['--all'])).stdout, /^would release #\d+ .*\n1 message; --yes does it\n$/)
  t.match((await home.run('qrelease', ['--yes', '--all'])).stdout, `released #${id}`)
  await running.logs(new RegExp(`msg ${id} to remote`))
  t.ok(timeOf(home, other))
  await running.stop()
})

t.test('a send that is not ours is not signalled; it holds the message from its next start on', async (t) => {
  const home = await homeOf(t)
  const running = await home.supervise({ smtp: [], pop3: [] })
  const id = await deferred(home)
  await running.stop()
  const mutex = openSync(join(home.directory, 'queue/lock/sendmutex'), 'r+')
  t.ok(tryLock(mutex))
  const stranger = spawn('sleep', ['60'], { stdio: [mutex, 'ignore', 'ignore'] }) // holds the lock, and URG would not end it
  t.teardown(() => stranger.kill())
  closeSync(mutex)
  t.match((await home.run('qhold', ['--yes', id])).stdout, /only from the next start of send on/)
  t.equal(timeOf(home, id), heldUntil)
})

t.test('a message that is not preprocessed yet cannot be held', async (t) => {
  const home = await homeOf(t)
  await home.inject([...from, 'a@far.example'], text)
  const { exitCode, stdout } = await home.run('qhold', ['--yes', '--all'], { reject: false })
  t.match({ exitCode, stdout }, { exitCode: 111, stdout: /is not preprocessed yet/ })
})

t.test('a command line that says nothing, or nonsense, is refused', async (t) => {
  const home = await homeOf(t)
  for (const args of [[], ['--yes'], ['x'], ['--older', 'yesterday'], ['--all', '1'], ['--no-such']]) {
    t.match(await home.run('qhold', args, { reject: false }), { exitCode: 100, stderr: /^qhold: / })
  }
})
