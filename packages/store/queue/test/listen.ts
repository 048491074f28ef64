import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { frame } from '@yabumi/enqueue'
import t from 'tap'
import { bodyFrame, messageFrames, PlainClient } from './support/client.ts'
import {
  bin,
  complaintsOf,
  ended,
  environmentOf,
  inodeOf,
  isRoot,
  messageFiles,
  myUid,
  queueFiles,
  queueText,
  ready,
  readyListener,
  scratchDirectory,
  scratchHome,
  startListener,
  until,
} from './support/scratch.ts'

const envelope = 'Fs@x.example\0Tr@y.example\0'

t.test('queue --listen keeps a message under its own number and says that number', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  client.send(messageFrames('Subject: s\n\nhello\n', envelope))
  const answer = await client.answer(1)
  t.equal(answer?.code, 0)
  const id = answer?.number as string
  const mess = `mess/${Number(id) % 23}/${id}`
  t.same(messageFiles(home), [mess, `todo/${id}`])
  t.equal(inodeOf(home, mess), id)
  t.match(queueText(home, mess), new RegExp(`^Received: \\(qmail ${id} invoked by uid ${myUid}\\); .*\nSubject: s\n\nhello\n$`))
  t.equal(queueText(home, `todo/${id}`), `u${myUid}\0p${id}\0${envelope}`)
  for (const path of messageFiles(home)) t.equal(statSync(join(home, 'queue', path)).mode & 0o7777, 0o644)
  t.equal(statSync(join(home, 'queue.sock')).mode & 0o777, 0o666)
  client.socket.destroy()
})

t.test('queue --listen believes a role of its own account, and takes many messages on one connection', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  let n = 0
  for (const [role, who] of [
    ['network', 'from network'],
    ['bounce', 'for bounce'],
    ['', `by uid ${myUid}`],
  ] as const) {
    client.send(messageFrames('x\n', envelope, role))
    n += 1
    const id = (await client.answer(n))?.number as string
    t.match(queueText(home, `mess/${Number(id) % 23}/${id}`), `(qmail ${id} invoked ${who});`)
  }
  client.socket.destroy()
})

t.test('queue --listen believes no role of another account', { skip: !isRoot && 'needs root' }, async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const wire = messageFrames('x\n', envelope, 'network').toString('base64')
  const script = `const s = require('net').connect(${JSON.stringify(join(home, 'queue.sock'))})
    s.write(Buffer.from('${wire}', 'base64')); s.once('data', () => s.destroy())`
  t.equal(spawnSync(process.execPath, ['-e', script], { uid: 65534, gid: 65534 }).status, 0)
  const [mess, todo] = messageFiles(home) as [string, string]
  t.match(queueText(home, mess), 'invoked by uid 65534);')
  t.match(queueText(home, todo), /^u65534\0/)
})

t.test('queue --listen takes fifty clients at once, each whole and under its own number', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const work = Array.from({ length: 50 }, async (_, index) => {
    const client = new PlainClient(home)
    const ids: string[] = []
    for (let n = 1; n <= 5; n += 1) {
      client.send(messageFrames(`${'line\n'.repeat(400)}${index} ${n}\n`, `F${index}\0T${n}\0`))
      const answer = await client.answer(n)
      if (answer?.code !== 0) throw new Error(`answer ${answer?.code}`)
      ids.push(answer.number)
    }
    client.socket.destroy()
    return ids
  })
  const ids = await Promise.all(work)
  t.equal(new Set(ids.flat()).size, 250)
  const wrong = ids.flatMap((list, index) =>
    list.filter((id, n) => {
      const mess = queueText(home, `mess/${Number(id) % 23}/${id}`)
      const todo = queueText(home, `todo/${id}`)
      return !mess.endsWith(`${'line\n'.repeat(400)}${index} ${n + 1}\n`) || !todo.endsWith(`F${index}\0T${n + 1}\0`)
    }),
  )
  t.same(wrong, [])
  t.equal(messageFiles(home).length, 500)
})

const refusals: [string, number, string][] = [
  ['an address of 1003 bytes', 11, `F${'s'.repeat(1003)}`],
  ['a wrong letter', 91, 'Xs\0'],
  ['a NUL that completes the envelope, which C does', 91, 'Fs\0Tr\0\0'],
  ['an envelope cut short', 54, 'Fs\0Tr'],
  ['an envelope without sender', 54, ''],
]
for (const [what, code, wire] of refusals) {
  t.test(`queue --listen answers ${code} to ${what}, leaves nothing, and stays in step`, async (t) => {
    const home = scratchHome(t)
    await readyListener(t, home)
    const client = new PlainClient(home)
    client.send(messageFrames('x'.repeat(60_000), wire))
    t.equal((await client.answer(1))?.code, code)
    t.same(messageFiles(home), [])
    client.send(messageFrames('x\n', envelope))
    t.equal((await client.answer(2))?.code, 0)
    client.socket.destroy()
  })
}

t.test('queue --listen answers 54 to a message taken back, and leaves nothing', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  for (let i = 0; i < 10; i += 1) client.send(i === 0 ? frame('S') : bodyFrame('M', 'x'.repeat(60_000)))
  await until(() => messageFiles(home).length === 1)
  client.send(bodyFrame('E', envelope), frame('A'))
  t.equal((await client.answer(1))?.code, 54)
  t.same(messageFiles(home), [])
  client.socket.destroy()
})

t.test('queue --listen leaves nothing of a message whose client goes away', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const client = new PlainClient(home)
  client.send(frame('S'), bodyFrame('M', 'x'.repeat(65_000)), bodyFrame('M', 'x'.repeat(65_000)))
  await until(() => messageFiles(home).length === 1)
  client.socket.destroy()
  await until(() => messageFiles(home).length === 0)
  t.pass()
})

t.test('queue --listen takes 60 MB and 100,000 recipients in little memory', async (t) => {
  const home = scratchHome(t)
  const listener = await readyListener(t, home)
  const client = new PlainClient(home)
  client.send(frame('S'))
  const body = bodyFrame('M', 'x'.repeat(65_536))
  for (let i = 0; i < 960; i += 1) if (!client.socket.write(body)) await new Promise((resolve) => client.socket.once('drain', resolve))
  client.send(bodyFrame('E', 'Fs@x.example\0'))
  const recipients = bodyFrame('E', 'Tsomebody@a-rather-long-name-of-a-domain.example\0'.repeat(1_000))
  for (let i = 0; i < 100; i += 1) client.send(recipients)
  client.send(frame('C'))
  const answer = await client.answer(1)
  t.equal(answer?.code, 0)
  const id = answer?.number as string
  t.equal(queueText(home, `todo/${id}`).split('T').length, 100_001)
  t.ok(statSync(join(home, 'queue/mess', String(Number(id) % 23), id)).size > 62_000_000)
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${listener.pid}/status`, 'latin1'))?.[1]
  t.ok(Number(peak) < 120_000, `peak memory is ${peak} kB`)
  client.socket.destroy()
})

t.test('queue --listen told to leave finishes what is on its way, and goes', async (t) => {
  const home = scratchHome(t)
  const listener = await readyListener(t, home)
  const idle = new PlainClient(home)
  idle.send(messageFrames('x\n', envelope))
  await idle.answer(1)
  const busy = new PlainClient(home)
  busy.send(frame('S'), bodyFrame('M', 'x'.repeat(65_536)))
  await until(() => messageFiles(home).length === 3)
  listener.kill('SIGTERM')
  await idle.closed()
  busy.send(bodyFrame('E', envelope), frame('C'))
  t.equal((await busy.answer(1))?.code, 0)
  t.equal(await ended(listener), 0)
  t.notOk(existsSync(join(home, 'queue.sock')))
  t.equal(queueFiles(home, 'todo').length, 2)
})

t.test('a second queue --listen stands by, and takes over when the first is killed', async (t) => {
  const home = scratchHome(t)
  const first = await readyListener(t, home)
  const half = new PlainClient(home)
  half.send(frame('S'), bodyFrame('M', 'x'.repeat(65_536)))
  await until(() => messageFiles(home).length === 1)
  const second = startListener(t, home)
  const complaint = new Promise((resolve) => second.stderr?.once('data', (bytes) => resolve(String(bytes))))
  t.equal(await complaint, `queue: another queue listens for ${home}; waiting for it to end\n`)
  first.kill('SIGKILL')
  await ready(second)
  t.same(queueFiles(home, 'todo'), [], 'half a message is not accepted')
  const client = new PlainClient(home)
  client.send(messageFrames('x\n', envelope))
  t.equal((await client.answer(1))?.code, 0)
  client.socket.destroy()
})

t.test('a queue --listen that stands by leaves at TERM', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const second = startListener(t, home)
  await new Promise((resolve) => second.stderr?.once('data', resolve))
  second.kill('SIGTERM')
  t.equal(await ended(second), 0)
  t.ok(existsSync(join(home, 'queue.sock')), 'the socket of the first stays')
})

t.test('queue --listen finishes and leaves when the lifeline ends', async (t) => {
  const home = scratchHome(t)
  const stdio = ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] as const
  const args = ['--listen', '--ready-fd', '3', '--lifeline', '4']
  const listener = spawn(join(bin, 'queue'), args, { env: environmentOf(home), stdio: [...stdio] })
  t.teardown(() => listener.kill('SIGKILL'))
  await ready(listener)
  ;(listener.stdio[4] as Writable).destroy()
  t.equal(await ended(listener), 0)
})

t.test('queue --listen exits 100 with one line when the descriptor for --ready-fd is not open', async (t) => {
  const { status, stderr } = spawnSync(join(bin, 'queue'), ['--listen', '--ready-fd', '99'], { env: environmentOf(scratchHome(t)) })
  t.equal(status, 100)
  t.equal(String(stderr), 'queue: unable to write to descriptor 99, named by --ready-fd: file descriptor not open\n')
})

t.test('queue --listen wakes the reader of the trigger', async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  const fd = openSync(join(home, 'queue/lock/trigger'), 'r+')
  const client = new PlainClient(home)
  client.send(messageFrames('x\n', envelope))
  t.equal((await client.answer(1))?.code, 0)
  const { stdout } = spawnSync('head', ['-c', '1'], { stdio: [fd, 'pipe', 'inherit'] })
  t.same([...stdout], [0])
  client.socket.destroy()
})

const complaints: [string, (home: string) => void, RegExp][] = [
  [
    'the home is missing',
    (home) => rmSync(home, { recursive: true }),
    /^queue: unable to switch to home directory .*; make one with config-fast.*\n$/,
  ],
  [
    'queue/intd is missing',
    (home) => rmSync(join(home, 'queue/intd'), { recursive: true }),
    /^queue: unable to write in .*\/queue\/intd: file does not exist; .*\n$/,
  ],
  [
    'queue/ is missing',
    (home) => rmSync(join(home, 'queue'), { recursive: true }),
    /^queue: unable to write in .*\/queue\/pid: .* make this directory a home with config-fast\n$/,
  ],
]
for (const [what, damage, line] of complaints) {
  t.test(`queue --listen exits 111 with one line when ${what}`, async (t) => {
    const home = scratchHome(t)
    damage(home)
    const listener = startListener(t, home)
    t.match(await complaintsOf(listener), line)
    t.equal(await ended(listener), 111)
  })
}

t.test('queue --listen of the wrong account says who should start it', { skip: !isRoot && 'needs root' }, async (t) => {
  const home = scratchHome(t)
  const listener = startListener(t, home, { uid: 65534 })
  t.match(await complaintsOf(listener), /\/queue\/pid: access denied; start queue as uid 0, who owns queue\/\n$/)
  t.equal(await ended(listener), 111)
})

t.test('queue --listen started by root becomes the owner of queue/', { skip: !isRoot && 'needs root' }, async (t) => {
  const home = join(scratchDirectory(t), 'home')
  mkdirSync(home)
  chownSync(home, 65534, 65534)
  spawnSync(join(bin, 'config-fast'), ['test.example'], { env: environmentOf(home) })
  const listener = await readyListener(t, home)
  const status = readFileSync(`/proc/${listener.pid}/status`, 'latin1')
  t.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m)
  t.match(status, /^Gid:\t65534\t65534\t65534\t65534$/m)
  t.match(status, /^Groups:\t65534 $/m)
  const client = new PlainClient(home)
  client.send(messageFrames('x\n', envelope))
  t.equal((await client.answer(1))?.code, 0)
  t.match(queueText(home, messageFiles(home)[1] as string), /^u0\0/, 'the client is root')
  t.equal(statSync(join(home, 'queue', messageFiles(home)[0] as string)).uid, 65534)
  client.socket.destroy()
})

for (const args of [['--ready-fd', 'x'], ['--nonsense'], ['--listen', '--ready-fd', 'x']]) {
  t.test(`queue ${args.join(' ')} exits 100 with one line`, async (t) => {
    const home = scratchHome(t)
    const { status, stderr } = spawnSync(join(bin, 'queue'), args, { env: environmentOf(home) })
    t.equal(status, 100)
    t.match(String(stderr), /^queue: .*\n$/)
  })
}
