import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import {
  bin,
  ended,
  environmentOf,
  inodeOf,
  messageFiles,
  myUid,
  queueText,
  scratchDirectory,
  scratchHome,
  until,
} from './support/scratch.ts'

const message = 'Subject: s\n\nhello\n'
const envelope = 'Fs@x.example\0Tr@y.example\0\0'
const program = join(bin, 'queue')

/** Run queue with regular files as descriptors 0 and 1. */
function queue(t: Test, home: string, mess = message, wire = envelope): ReturnType<typeof spawnSync> {
  const directory = scratchDirectory(t)
  const open = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, 'latin1')
    return openSync(join(directory, name), 'r')
  }
  return spawnSync(program, { env: environmentOf(home), stdio: [open('mess', mess), open('envelope', wire), 'pipe'] })
}

/** Start queue with pipes. */
function start(t: Test, home: string): { child: ChildProcess; mess: Writable; envelope: Writable } {
  const child = spawn(program, { env: environmentOf(home), stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, mess: child.stdin as Writable, envelope: child.stdout as unknown as Writable }
}

t.test('queue keeps the message behind its Received line, numbered by inode', async (t) => {
  const home = scratchHome(t)
  t.equal(queue(t, home).status, 0)
  const [mess, intd, todo] = messageFiles(home) as [string, string, string]
  const id = todo.slice('todo/'.length)
  t.equal(mess, `mess/${Number(id) % 23}/${id}`)
  t.equal(inodeOf(home, mess), id)
  t.match(
    queueText(home, mess),
    new RegExp(`^Received: \\(qmail \\d+ invoked by uid ${myUid}\\); \\d+ \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d -0000\n`),
  )
  t.equal(queueText(home, mess).replace(/^.*\n/, ''), message)
  t.match(queueText(home, todo), new RegExp(`^u${myUid}\0p\\d+\0Fs@x.example\0Tr@y.example\0$`))
  t.equal(intd, `intd/${id}`)
  t.equal(inodeOf(home, intd), inodeOf(home, todo), 'todo/ is a second link')
  for (const path of [mess, todo]) t.equal(statSync(join(home, 'queue', path)).mode & 0o7777, 0o644)
})

const failures: [string, number, string][] = [
  ['a first letter that is not F', 91, 'Ts@x\0\0'],
  ['an envelope without sender', 91, '\0'],
  ['a record with another letter', 91, 'Fs\0Xr\0\0'],
  ['an envelope that ends inside a recipient', 54, 'Fs\0Tr'],
  ['an envelope without the last NUL', 54, 'Fs\0Tr\0'],
  ['no envelope', 54, ''],
  ['a sender of 1003 bytes', 11, `F${'s'.repeat(1003)}\0\0`],
  ['a recipient of 1003 bytes', 11, `Fs\0T${'r'.repeat(1003)}\0\0`],
  ['1003 bytes of an address that never ends', 11, `F${'s'.repeat(1003)}`],
]
for (const [what, code, wire] of failures) {
  t.test(`queue exits ${code} for ${what}, and leaves nothing`, async (t) => {
    const home = scratchHome(t)
    const { status, stderr } = queue(t, home, message, wire)
    t.equal(status, code)
    t.equal(String(stderr), '')
    t.same(messageFiles(home), [])
  })
}

t.test('queue takes addresses of 1002 bytes, and ignores what follows the envelope', async (t) => {
  const home = scratchHome(t)
  const address = 'r'.repeat(1002)
  t.equal(queue(t, home, '', `F\0T${address}\0\0garbage`).status, 0)
  t.match(queueText(home, messageFiles(home)[2] as string), new RegExp(`F\0T${address}\0$`))
})

const missing: [string, number][] = [
  ['queue', 62],
  ['queue/pid', 63],
  ['queue/mess', 64],
  ['queue/intd', 65],
  ['queue/todo', 66],
]
for (const [path, code] of missing) {
  t.test(`queue exits ${code} where ${path} is missing`, async (t) => {
    const home = scratchHome(t)
    rmSync(join(home, path), { recursive: true })
    t.equal(queue(t, home).status, code)
  })
}

t.test('queue exits 61 where the home is missing', async (t) => {
  t.equal(queue(t, join(scratchDirectory(t), 'none')).status, 61)
})

t.test('queue does not look at the envelope before the message has ended', async (t) => {
  const home = scratchHome(t)
  const { child, mess, envelope: wire } = start(t, home)
  wire.end(envelope)
  mess.write('a line\n')
  await until(() => messageFiles(home).some((path) => path.startsWith('mess/') && queueText(home, path).endsWith('a line\n')))
  t.equal(messageFiles(home).length, 1, 'only the message')
  mess.end('another\n')
  t.equal(await ended(child), 0)
  t.match(queueText(home, messageFiles(home)[0] as string), /\na line\nanother\n$/)
})

t.test('queue ignores INT, HUP and QUIT while it waits, and gives up with 52 at ALRM', async (t) => {
  const home = scratchHome(t)
  const { child, mess } = start(t, home)
  mess.write('a line\n')
  await until(() => messageFiles(home).some((path) => path.startsWith('mess/') && queueText(home, path).endsWith('a line\n')))
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGPIPE', 'SIGALRM'] as const) child.kill(signal)
  t.equal(await ended(child), 52)
})

t.test('queue killed while it receives leaves no todo/ entry', async (t) => {
  const home = scratchHome(t)
  const { child, mess } = start(t, home)
  mess.write('a line\n')
  await until(() => messageFiles(home).length > 0)
  child.kill('SIGKILL')
  await ended(child)
  t.notOk(messageFiles(home).some((path) => path.startsWith('todo/')))
})

t.test('queue exits 53 or 54 and leaves nothing when the message cannot be read', async (t) => {
  const home = scratchHome(t)
  const directory = openSync(home, 'r') // reading a directory fails
  const { status } = spawnSync(program, { env: environmentOf(home), stdio: [directory, 'ignore', 'ignore'] })
  t.equal(status, 54)
  t.same(messageFiles(home), [])
})

t.test('queue goes without a trigger', async (t) => {
  const home = scratchHome(t)
  rmSync(join(home, 'queue/lock/trigger'))
  t.equal(queue(t, home).status, 0)
})

t.test('queue wakes the reader of the trigger', async (t) => {
  const home = scratchHome(t)
  const reader = spawn('cat', [join(home, 'queue/lock/trigger')], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => reader.kill('SIGKILL'))
  const woken = new Promise((resolve) => reader.once('exit', resolve)) // end of file, once a writer has come and gone
  while (reader.exitCode === null) {
    t.equal(queue(t, home).status, 0)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(await woken, 0)
})

t.test(
  'queue refuses with 62 or 63 where nobody may write and nobody listens',
  { skip: myUid === 0 && 'root may write anywhere' },
  async (t) => {
    const home = scratchHome(t)
    chmodSync(join(home, 'queue/pid'), 0o500)
    t.equal(queue(t, home).status, 63)
  },
)

t.test('queue run by root writes as the owner of queue/, and says that it was root', { skip: myUid !== 0 && 'needs root' }, async (t) => {
  const home = join(scratchDirectory(t), 'home')
  mkdirSync(home)
  chownSync(home, 65_534, 65_534)
  spawnSync(join(bin, 'config-fast'), ['test.example'], { env: environmentOf(home) })
  t.equal(queue(t, home).status, 0)
  const [mess, , todo] = messageFiles(home) as [string, string, string]
  for (const path of [mess, todo]) t.equal(statSync(join(home, 'queue', path)).uid, 65_534)
  t.match(queueText(home, mess), 'invoked by uid 0)')
  t.match(queueText(home, todo), /^u0\0/)
})
