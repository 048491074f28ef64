import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { missing } from '../../../../test/support/programs.ts'
import {
  closeInheritedOnExec,
  duplicate,
  isOnlyOpener,
  lock,
  makeFifo,
  makePipe,
  peerOf,
  receiveDescriptor,
  rewind,
  sealedFile,
  sendDescriptor,
  socketPair,
  tryLock,
  widenPipe,
} from '../src/index.ts'

const amRoot = process.getuid?.() === 0
const scratch = mkdtempSync(join(tmpdir(), 'posix-'))
t.teardown(() => rmSync(scratch, { recursive: true }))

t.test('tryLock excludes another open file, also of another program, until the file is closed', async (t) => {
  const path = join(scratch, 'lock')
  const first = openSync(path, 'w')
  const second = openSync(path, 'w')
  t.equal(tryLock(first), true)
  t.equal(tryLock(first), true, 'its holder may ask again')
  t.equal(tryLock(second), false)
  t.equal((await execa('flock', ['-n', path, 'true'], { reject: false })).exitCode, 1)
  closeSync(first)
  t.equal(tryLock(second), true)
  closeSync(second)
})

t.test('lock waits for its time and not longer, and takes the lock as soon as it is free', async (t) => {
  const path = join(scratch, 'wait')
  const first = openSync(path, 'w')
  const second = openSync(path, 'w')
  tryLock(first)
  t.equal(await lock(second, 0), false)
  const waiting = lock(second, 60)
  closeSync(first)
  t.equal(await waiting, true)
  closeSync(second)
})

t.test('isOnlyOpener sees every other descriptor of the file, of this process and of others, for reading too', async (t) => {
  const path = join(scratch, 'lease')
  const fd = openSync(path, 'w')
  t.equal(isOnlyOpener(fd), true)
  t.equal(isOnlyOpener(fd), true, 'the lease was given back')
  const reader = openSync(path, 'r')
  t.equal(isOnlyOpener(fd), false)
  closeSync(reader)
  t.equal(isOnlyOpener(fd), true)
  const other = execa('sh', ['-c', 'exec 3<"$0"; echo open; read -r line', path], { stdin: 'pipe' })
  await new Promise((resolve) => other.stdout.once('data', resolve))
  t.equal(isOnlyOpener(fd), false)
  other.stdin.end('\n')
  await other
  t.equal(isOnlyOpener(fd), true)
  closeSync(fd)
})

t.test('a wide pipe takes more than the system gives before its writer waits', async (t) => {
  const { read, write } = makePipe(true)
  t.teardown(() => [read, write].forEach((fd) => void closeSync(fd)))
  t.equal(widenPipe(read, 262_144), true)
  t.equal(writeSync(write, Buffer.alloc(262_144)), 262_144, 'nobody has read')
  t.equal(widenPipe(read, 2 ** 30), false, 'more than the system allows')
})

t.test('tryLock on a closed descriptor is an error with its name', async (t) => {
  t.throws(() => tryLock(1_000_000), { code: 'EBADF', syscall: 'flock' })
})

t.test('makePipe and duplicate give descriptors that a program inherits', async (t) => {
  const { read, write } = makePipe()
  duplicate(write, 40)
  closeSync(write)
  writeSync(40, 'through 40')
  closeSync(40)
  const bytes = Buffer.alloc(20)
  t.equal(bytes.toString('latin1', 0, readSync(read, bytes)), 'through 40')
  t.equal(readSync(read, bytes), 0, 'the end of file comes when every copy is closed')
  closeSync(read)
  t.throws(() => duplicate(1_000_000, 41), { code: 'EBADF' })
})

t.test('after closeInheritedOnExec a program gets descriptors 0, 1 and 2 and what it is given', async (t) => {
  const held = join(scratch, 'held')
  writeFileSync(held, '')
  const file = openSync(held, 'r')
  const places = [file, 120, 190, 200]
  for (const place of places.slice(1)) duplicate(file, place)
  const leadThere = (): number => {
    const { stdout } = spawnSync('/bin/sh', ['-c', 'ls -l /proc/$$/fd'], { stdio: ['ignore', 'pipe', 'ignore', file], encoding: 'latin1' })
    return stdout.split('\n').filter((line) => line.endsWith(held)).length
  }
  t.equal(leadThere(), 4)
  closeInheritedOnExec()
  t.equal(leadThere(), 1)
  for (const fd of places) closeSync(fd)
})

t.test('makeFifo makes one and says why it cannot', async (t) => {
  const path = join(scratch, 'fifo')
  makeFifo(path, 0o622)
  t.equal(statSync(path).isFIFO(), true)
  t.throws(() => makeFifo(path, 0o622), { code: 'EEXIST' })
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  closeSync(reader)
})

t.test('a descriptor sent over a socket pair is the same open file', async (t) => {
  const [left, right] = socketPair()
  const path = join(scratch, 'sent')
  writeFileSync(path, 'contents')
  const file = openSync(path, 'r')
  t.throws(() => receiveDescriptor(right), { code: 'EAGAIN' }, 'nothing there yet')
  sendDescriptor(left, file)
  const received = receiveDescriptor(right)
  t.not(received, file)
  t.equal(fstatSync(received).ino, fstatSync(file).ino)
  closeSync(file)
  t.equal(readSync(received, Buffer.alloc(20)), 8, 'it lives on when the sender closes its own')
  closeSync(received)
  closeSync(left)
  t.throws(() => receiveDescriptor(right), /sent no descriptor/, 'the end of file')
  closeSync(right)
})

t.test('what the system writes to while a descriptor is handed over is not freed meanwhile', async (t) => {
  const handOver = `
    import { closeSync } from 'node:fs'
    import { receiveDescriptor, sendDescriptor, socketPair } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))}
    const [left, right] = socketPair()
    for (let n = 0; n < 50_000; n += 1) {
      sendDescriptor(left, 0)
      closeSync(receiveDescriptor(right))
    }`
  const { exitCode, signal, stderr } = await execa(process.execPath, ['--stress-scavenge=1', '--input-type=module', '-e', handOver], {
    stdin: 'ignore',
    reject: false,
  })
  t.same({ exitCode, signal, stderr }, { exitCode: 0, signal: undefined, stderr: '' })
})

t.test('bytes without a descriptor are an error, not descriptor 0', async (t) => {
  const [left, right] = socketPair()
  writeSync(left, 'x')
  t.throws(() => receiveDescriptor(right), /sent no descriptor/)
  closeSync(left)
  closeSync(right)
})

t.test('sendDescriptor never waits: a full socket is EAGAIN', async (t) => {
  const [left, right] = socketPair()
  t.throws(
    () => {
      for (let sent = 0; sent < 100_000; sent += 1) sendDescriptor(left, 0)
    },
    { code: /EAGAIN|ETOOMANYREFS/ },
  )
  closeSync(left)
  closeSync(right)
})

t.test('peerOf says who connected', async (t) => {
  const path = join(scratch, 'socket')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = connect(path)
  const socket = await accepted
  const fd = (socket as unknown as { _handle: { fd: number } })._handle.fd
  t.same(peerOf(fd), { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() })
  client.destroy()
  socket.destroy()
  server.close()
})

t.test('a pipe that is closed on exec is not there in a program', async (t) => {
  const pipe = makePipe(true)
  writeSync(pipe.write, 'x')
  t.equal(readSync(pipe.read, Buffer.alloc(9)), 1)
  const { stdout } = await execa('sh', ['-c', `ls /proc/self/fd`])
  t.notOk(stdout.split('\n').includes(String(pipe.write)))
  closeSync(pipe.read)
  closeSync(pipe.write)
})

t.test('rewind lets the next reader begin at the start, and refuses what has no position', async (t) => {
  const path = join(scratch, 'rewind')
  writeFileSync(path, 'abc')
  const fd = openSync(path, 'r')
  const byte = Buffer.alloc(2)
  readSync(fd, byte, 0, 2, null)
  rewind(fd)
  readSync(fd, byte, 0, 1, null)
  t.equal(byte.toString('latin1', 0, 1), 'a')
  closeSync(fd)
  const pipe = makePipe()
  t.throws(() => rewind(pipe.read), { code: 'ESPIPE' })
  closeSync(pipe.read)
  closeSync(pipe.write)
})

t.test('sealedFile is read from its start, opened again by anybody, and changed by nobody', async (t) => {
  const bytes = Buffer.from('x'.repeat(100_000))
  const fd = sealedFile('message', bytes)
  const buffer = Buffer.alloc(200_000)
  t.equal(readSync(fd, buffer), bytes.length)
  t.same(buffer.subarray(0, bytes.length), bytes)
  const own = `/proc/self/fd/${fd}`
  for (const [what, act] of Object.entries({
    write: () => writeSync(fd, 'y', 0),
    append: () => writeSync(fd, 'y', bytes.length),
    cut: () => ftruncateSync(fd, 1),
    'open again and write': () => writeSync(openSync(own, 'r+'), 'y'),
    'open anew': () => openSync(own, 'w'),
  }))
    t.throws(act, { code: 'EPERM' }, what)
  t.equal(readFileSync(own, 'latin1'), String(bytes))
  const user = amRoot ? { uid: 65_534, gid: 65_534 } : {}
  const { stdout } = spawnSync('sh', ['-c', 'cat /dev/stdin; ls -l /proc/self/fd'], { stdio: [fd, 'pipe', 'inherit'], ...user })
  t.ok(stdout.toString().startsWith('x'.repeat(100_000)), 'opened again, as another account')
  t.equal(stdout.toString().match(/memfd:message/g)?.length, 1, 'it is closed on exec')
  closeSync(fd)
})

t.test('zoneOffset knows every form of TZ that the C library knows', async (t) => {
  for (const [TZ, seconds] of [
    ['UTC', 0],
    ['XYZ-5:30', 19_800],
    ['AAA+3:15', -11_700],
    ['<+03>-3', 10_800],
    ['', 0],
  ] as const) {
    const module = new URL('../src/index.ts', import.meta.url).href
    const script = `import { zoneOffset } from '${module}'; process.stdout.write(String(zoneOffset(1700000000)))`
    const { stdout } = await execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { env: { TZ } })
    t.equal(stdout, String(seconds), TZ)
  }
})

t.test(
  'a program ends as it wants, though nothing can be synced; a crash is explained',
  { skip: spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0 && 'strace is not installed or may not trace' },
  async (t) => {
    const module = new URL('../src/index.ts', import.meta.url).href
    const program = (end: string) => [
      process.execPath,
      '--input-type=module',
      '-e',
      `import { makePipe } from '${module}'; makePipe(); ${end}`,
    ]
    const fault = ['-f', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO']
    for (const [end, exitCode] of [
      ['process.exit(7)', 7],
      ['process.exitCode = 5', 5],
      ['', 0],
    ] as const) {
      t.match(await execa('strace', [...fault, ...program(end)], { reject: false }), { exitCode, stderr: '' })
    }
    const [node = '', ...args] = program("setTimeout(() => { throw new Error('this is why') })")
    t.match(await execa(node, args, { reject: false }), { exitCode: 1, stderr: 'Error: this is why' })
  },
)

t.test(
  'receiveDescriptor takes one descriptor, and a second one of the same message is not left open',
  { skip: missing('python3') },
  async (t) => {
    const [ours, theirs] = socketPair()
    const send = 'import socket; socket.send_fds(socket.socket(fileno=3), [b"x"], [0, 1])'
    t.equal(spawnSync('python3', ['-c', send], { stdio: ['ignore', 'ignore', 'inherit', theirs] }).status, 0)
    const before = readdirSync('/proc/self/fd').length
    closeSync(receiveDescriptor(ours))
    t.equal(readdirSync('/proc/self/fd').length, before)
    for (const fd of [ours, theirs]) closeSync(fd)
  },
)
