/** QMTP, QMQP, POP3, the queue socket, the spawn protocols and the control files, fed with what nobody should send. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { netstringEnvelopeBytes, qmqpcAddressBytes, qmqpcMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { sendMail } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'
import { garbage } from './support/garbage.ts'

const home = await ScratchHome.make(t, 'joe')
/** What queue has said yes to. */
const accepted = (): string[] => readdirSync(join(home.directory, 'queue/todo'))
const netstring = (text: string): string => `${text.length}:${text},`

/** Run a program of the home with pieces on descriptor 0, and perhaps 1. @returns its exit code and what it said on descriptor 2 */
async function feed(
  program: string,
  inputs: Iterable<string | Buffer>[],
  args: string[] = [],
): Promise<{ code: number | null; errors: string }> {
  const stdio = inputs.length > 1 ? (['pipe', 'pipe', 'pipe'] as const) : (['pipe', 'ignore', 'pipe'] as const)
  const child = spawn(join(home.directory, 'bin', program), args, { cwd: home.directory, env: home.environment, stdio: [...stdio] })
  let errors = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    errors += bytes.toString('latin1')
  })
  const exit = once(child, 'exit')
  for (const [fd, pieces] of inputs.entries()) void pour(child.stdio[fd] as Writable, pieces)
  const [code] = (await exit) as [number | null]
  return { code, errors }
}

async function pour(stream: Writable, pieces: Iterable<string | Buffer>): Promise<void> {
  stream.on('error', () => undefined)
  for (const piece of pieces) {
    if (stream.destroyed) return
    if (!stream.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)) {
      await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => undefined)
    }
  }
  stream.end()
}

t.test('QMTP and QMQP keep so many recipients of a message and not more', async (t) => {
  home.control('rcpthosts', undefined)
  const recipient = netstring('r@test.example')
  const room = Math.floor(netstringEnvelopeBytes / ('r@test.example'.length + 48))
  const qmtp = (count: number) => feed('qmtpd', [[netstring('\nx'), netstring('s'), netstring(recipient.repeat(count))]])
  const qmqp = (count: number) => feed('qmqpd', [[netstring(netstring('x') + netstring('s') + recipient.repeat(count))]])
  t.equal((await qmtp(room)).code, 0)
  t.equal((await qmtp(room + 1)).code, 111)
  t.equal((await qmqp(room)).code, 0)
  t.equal((await qmqp(room + 1)).code, 111)
  t.equal(accepted().length, 2)
})

t.test('a QMTP or QMQP client has an hour for everything, however busy it is', async (t) => {
  const faster = join(home.root, 'faster.cjs') // an hour in two seconds
  writeFileSync(faster, 'const slow = setTimeout; globalThis.setTimeout = (f, ms, ...rest) => slow(f, ms / 1800, ...rest)\n')
  for (const program of ['qmtpd', 'qmqpd']) {
    const child = spawn(join(home.directory, 'bin', program), [], {
      env: { ...home.environment, NODE_OPTIONS: `--require=${faster}` },
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    const busy = setInterval(() => child.stdin.write('0'), 50)
    child.stdin.on('error', () => undefined)
    const [code] = (await once(child, 'exit')) as [number | null]
    clearInterval(busy)
    t.equal(code, 111)
  }
})

t.test('qmqpc takes addresses and messages of its limits and says 11 and 51 beyond', async (t) => {
  home.control('qmqpservers', '127.0.0.1:1\n') // nobody is there: 73
  const megabyte = Buffer.alloc(1_048_576, 'x')
  const megabytes = (count: number): Buffer[] => Array.from({ length: count }, () => megabyte)
  const long = 'r'.repeat(qmqpcAddressBytes - 1)
  t.equal((await feed('qmqpc', [['x'], ['Fs\0T', long, '\0\0']])).code, 73)
  t.equal((await feed('qmqpc', [['x'], ['Fs\0T', long, long.slice(0, 200_000)]])).code, 11)
  t.equal((await feed('qmqpc', [[...megabytes(qmqpcMessageBytes / 1_048_576), 'x'], ['Fs\0Tr\0\0']])).code, 51)
})

t.test('garbage of every kind ends qmtpd and qmqpd with a documented code, queues nothing, and says nothing', async (t) => {
  const before = accepted().length
  for (const program of ['qmtpd', 'qmqpd']) {
    for (const [kind, bytes] of garbage(1)) {
      const { code, errors } = await feed(program, [[bytes]])
      t.ok(code === 0 || code === 100 || code === 111, `${program} exits ${code} for ${kind}`)
      t.equal(errors, '')
    }
  }
  t.equal(accepted().length, before)
})

t.test('garbage on the queue socket is answered or cut off, one at a time and a hundred at once, and mail goes on', async (t) => {
  for (const name of accepted()) rmSync(join(home.directory, 'queue/todo', name))
  home.control('rcpthosts', `${hostName}\n`)
  const running = await home.supervise()
  const pid = running.pids().get('queue')
  const throwAt = async (bytes: Buffer): Promise<void> => {
    const socket = connect(join(home.directory, 'queue.sock')).on('error', () => undefined)
    socket.resume().end(bytes)
    await closed(socket)
  }
  for (const [, bytes] of garbage(2)) await throwAt(bytes)
  const frames = [...garbage(3)].flatMap(([, bytes]) => ['S', 'SM', 'SME', 'SMEC', 'SA', 'SC'].map((letters) => framed(letters, bytes)))
  for (let n = 0; n < frames.length; n += 100) await Promise.all(frames.slice(n, n + 100).map(throwAt))
  t.match(await sendMail(running.smtpPort, '', [`joe@${hostName}`], 'Subject: after\n\nx\n'), /^250 /)
  await until('the mail is there', () => home.maildir('joe').some((text) => text.includes('Subject: after')))
  t.equal(running.pids().get('queue'), pid, 'it was never restarted')

  await t.test('and so is garbage by POP3', async (t) => {
    for (const [kind, bytes] of garbage(4)) {
      const socket = connect(running.pop3Port, '127.0.0.1').on('error', () => undefined)
      let heard = ''
      socket.on('data', (text: Buffer) => {
        heard += text.toString('latin1')
      })
      socket.end(bytes)
      await closed(socket)
      t.match(heard, /^\+OK [^\n]*\r\n((\+OK |-ERR )[^\n]*\r\n)*$/, kind)
    }
  })
})

t.test('spawn programs end for garbage as for the end of their input', async (t) => {
  for (const program of ['lspawn', 'rspawn', 'clean']) {
    for (const [kind, bytes] of garbage(5)) {
      const { code } = await feed(program, [[bytes]], program === 'lspawn' ? ['./Maildir/'] : [])
      t.equal(code, 0, `${program} for ${kind}`)
    }
  }
})

const readers: [string, readonly string[], string[], string][] = [
  [
    'smtpd',
    ['smtpgreeting', 'rcpthosts', 'badmailfrom', 'localiphost', 'databytes', 'timeoutsmtpd', 'me', 'morercpthosts.cdb'],
    [],
    'QUIT\r\n',
  ],
  ['inject', ['defaultdomain', 'defaulthost', 'plusdomain', 'idhost'], ['-n', 'joe'], 'Subject: x\n\n'],
  ['showctl', ['locals', 'virtualdomains', 'smtproutes', 'concurrencyremote', 'queuelifetime', 'bouncehost'], [], ''],
  ['newmrh', ['morercpthosts'], [], ''],
]

t.test('garbage in a control file is a value or a complaint of one line, never a crash', async (t) => {
  for (const [program, names, args, input] of readers) {
    for (const name of names) {
      for (const [kind, bytes] of garbage(6)) {
        home.control(name, undefined)
        writeFileSync(join(home.directory, 'control', name), bytes)
        const { exitCode, stderr } = await home.run(program, args, { input, reject: false })
        t.ok([0, 1, 100, 111].includes(exitCode ?? -1), `${program} exits ${exitCode} for ${kind} in ${name}`)
        t.notMatch(stderr, /^ {4}at |node:internal|TypeError|RangeError/m)
      }
      home.control(name, name === 'me' ? `${hostName}\n` : undefined)
    }
  }
})

t.test('garbage in users/assign and users/cdb is refused or deferred', async (t) => {
  for (const [kind, bytes] of garbage(7)) {
    writeFileSync(join(home.directory, 'users/assign'), bytes)
    const { exitCode, stderr } = await home.run('newu', [], { reject: false })
    t.ok(exitCode === 0 || (exitCode === 111 && /^qmail-newu: fatal: [^\n]*\n$/.test(stderr)), `newu exits ${exitCode} for ${kind}`)
  }
})

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/** A frame of each letter with these bytes as body, as much as fits. */
function framed(letters: string, bytes: Buffer): Buffer {
  const body = bytes.subarray(0, 60_000)
  const parts = [...letters].map((letter) => {
    const header = Buffer.alloc(4)
    const own = letter === 'M' || letter === 'E' ? body : Buffer.alloc(0)
    header.writeUInt32BE(letter.charCodeAt(0) * 0x1000000 + own.length)
    return Buffer.concat([header, own])
  })
  return Buffer.concat(parts)
}
