import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spareMessageBytes } from '@yabumi/limits'
import t from 'tap'
import { encodeCommand, type Report, ReportDecoder } from '../src/index.ts'

const noStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0 && 'strace is not installed or may not trace'
const program = join(import.meta.dirname, 'fixtures/spawn.ts')

function home(): string {
  return t.testdir({ queue: { mess: { 0: { 1: 'one', 2: 'two' }, 7: {} } } })
}

function start(directory: string, mode = '', under: readonly string[] = []): ChildProcessWithoutNullStreams {
  const [file = '', ...args] = [...under, process.execPath, program, directory, mode]
  return spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
}

function command(delivery: number, message: string, recipient: string): Buffer {
  return encodeCommand({ delivery, message, sender: 's@x', recipient })
}

/** All that the program says until its end. */
async function talk(
  directory: string,
  input: Buffer,
  mode?: string,
  under?: readonly string[],
): Promise<{ greeting: number | undefined; reports: Report[]; code: number }> {
  const child = start(directory, mode, under)
  const pieces: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => pieces.push(bytes))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number]
  const output = Buffer.concat(pieces)
  return { greeting: output[0], reports: new ReportDecoder().push(output.subarray(1)), code }
}

t.test('serve greets with its limit and is done when the input ends', async (t) => {
  t.same(await talk(home(), Buffer.alloc(0)), { greeting: 120, reports: [], code: 0 })
})

t.test('serve hands out the open message and the recipient split at its last @', async (t) => {
  const { reports } = await talk(home(), command(0, '0/1', 'a@b@c'))
  t.same(reports, [{ delivery: 0, status: 'K', text: '0 0/1 s@x a@b c one' }])
})

t.test('serve refuses at once what spec §2.4.1 lists, each with its text', async (t) => {
  const directory = home()
  mkdirSync(join(directory, 'queue/mess/7/8'))
  symlinkSync('../0/1', join(directory, 'queue/mess/7/9'))
  const requests: [number, string, string, string][] = [
    [120, '0/1', 'a@b', 'ZInternal error: delnum too big. (#4.3.5)\n'],
    [255, '0/1', 'a@b', 'ZInternal error: delnum too big. (#4.3.5)\n'],
    [1, '', 'a@b', 'DInternal error: messid too short. (#5.3.5)\n'],
    [2, '/0/1', 'a@b', 'DInternal error: messid has nonnumerics. (#5.3.5)\n'],
    [3, '0/../1', 'a@b', 'DInternal error: messid has nonnumerics. (#5.3.5)\n'],
    [4, '1'.repeat(100), 'a@b', 'DInternal error: messid too long. (#5.3.5)\n'],
    [5, '0/1', 'nohost', 'DSorry, address must include host name. (#5.1.3)\n'],
    [6, '1'.repeat(99), 'a@b', 'Zqmail-spawn unable to open message. (#4.3.0)\n'],
    [7, '7/8', 'a@b', 'ZSorry, message has wrong type. (#4.3.5)\n'],
    [8, '7/9', 'a@b', 'Zqmail-spawn unable to open message. (#4.3.0)\n'],
  ]
  const { reports } = await talk(directory, Buffer.concat(requests.map(([number, path, to]) => command(number, path, to))))
  t.same(
    reports.map(({ delivery, status, text }) => [delivery, status + text]),
    requests.map(([number, , , text]) => [number, text]),
  )
})

t.test('serve refuses a message of another account', { skip: process.getuid?.() !== 0 }, async (t) => {
  const directory = home()
  const { chownSync } = await import('node:fs')
  chownSync(join(directory, 'queue/mess/0/1'), 65534, 65534)
  const { reports } = await talk(directory, command(0, '0/1', 'a@b'))
  t.same(reports, [{ delivery: 0, status: 'Z', text: 'Sorry, message has wrong owner. (#4.3.5)\n' }])
})

t.test('what may be given away is a copy, or a file that is too long to be written over', async (t) => {
  const directory = home()
  const longest = join(directory, 'queue/mess/0/3')
  const longer = join(directory, 'queue/mess/0/4')
  writeFileSync(longest, 'x'.repeat(spareMessageBytes))
  writeFileSync(longer, 'x'.repeat(spareMessageBytes + 1))
  const input = Buffer.concat(['0/1', '0/3', '0/4'].map((path, number) => command(number, path, 'which@h')))
  const places = async (mode: string): Promise<string[]> => (await talk(directory, input, mode)).reports.map(({ text }) => text)
  const copy = '/memfd:message (deleted)'
  t.same(await places(''), [copy, copy, longer])
  t.same(await places('bytes'), ['3 bytes', `${spareMessageBytes} bytes`, longer], 'who needs no descriptor gets what is in it')
  t.same(await places('keeps'), [join(directory, 'queue/mess/0/1'), longest, longer], 'a program that keeps it needs no copy')
})

t.test('a message that cannot be copied is deferred, not given away', { skip: noStrace }, async (t) => {
  for (const error of ['ENOSYS', 'ENOMEM', 'EMFILE']) {
    const under = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=memfd_create', '-e', `inject=memfd_create:error=${error}`]
    const { reports } = await talk(home(), command(0, '0/1', 'which@h'), '', under)
    t.same(reports, [{ delivery: 0, status: 'Z', text: 'qmail-spawn unable to copy message. (#4.3.0)\n' }], error)
  }
})

t.test('a delivery number is in use until its report, and free after it', async (t) => {
  const child = start(home())
  const decoder = new ReportDecoder()
  const reports: Report[] = []
  child.stdin.write(Buffer.concat([command(9, '0/1', 'later@h'), command(9, '0/2', 'a@h')]))
  let greeted = false
  for await (const bytes of child.stdout as AsyncIterable<Buffer>) {
    const before = reports.length
    reports.push(...decoder.push(greeted ? bytes : bytes.subarray(1)))
    greeted = true
    if (before < 2 && reports.length === 2) child.stdin.end(command(9, '0/2', 'a@h'))
  }
  t.same(
    reports.map(({ text }) => text),
    ['Internal error: delnum in use. (#4.3.5)\n', 'later', '9 0/2 s@x a h two'],
  )
})

t.test('serve finishes the deliveries under way when the input ends', async (t) => {
  const { reports, code } = await talk(home(), Buffer.concat([command(1, '0/1', 'later@h'), command(2, '0/1', 'later@h')]))
  t.same([reports.length, code], [2, 0])
})

t.test('a delivery that cannot be started is deferred, and the next one is served', async (t) => {
  const { reports } = await talk(home(), Buffer.concat([command(1, '0/1', 'bug@h'), command(2, '0/1', 'a@h')]))
  t.same(
    reports.map(({ status, text }) => status + text),
    ['Zqmail-spawn unable to fork. (#4.3.0)\n', 'K2 0/1 s@x a h one'],
  )
})

t.test('a delivery is reported once', async (t) => {
  const { reports } = await talk(home(), command(1, '0/1', 'twice@h'))
  t.same(reports, [{ delivery: 1, status: 'K', text: 'first' }])
})

t.test('serve lets a reader take its time, and loses no report', async (t) => {
  const child = start(home())
  const big = Buffer.concat(Array.from({ length: 200 }, (_, n) => command(n % 120, '0/1', 'big@h')))
  child.stdin.end(big)
  await once(child.stdout, 'readable')
  const pieces: Buffer[] = []
  for await (const bytes of child.stdout as AsyncIterable<Buffer>) pieces.push(bytes)
  const output = Buffer.concat(pieces)
  t.equal(output.length, 1 + 200 * 60_003)
})

t.test('serve goes on when nobody reads its reports any more', async (t) => {
  const child = start(home())
  child.stdout.destroy()
  child.stdin.write(command(1, '0/1', 'a@h'))
  child.stdin.end(command(2, '0/1', 'later@h'))
  const [code] = (await once(child, 'exit')) as [number]
  t.equal(code, 0)
})

t.test('serve reads commands from a file and writes reports to one', async (t) => {
  const directory = home()
  writeFileSync(join(directory, 'in'), command(1, '0/1', 'a@h'))
  const stdio = [openSync(join(directory, 'in'), 'r'), openSync(join(directory, 'out'), 'w'), 'inherit'] as const
  await once(spawn(process.execPath, [program, directory], { stdio: [...stdio] }), 'exit')
  t.equal(readFileSync(join(directory, 'out'), 'latin1'), 'x\x01K1 0/1 s@x a h one\0')
})

t.test('serve says nothing in a home without queue/', async (t) => {
  const directory = t.testdir({})
  chmodSync(directory, 0o755)
  const { greeting, code } = await talk(directory, Buffer.alloc(0))
  t.same([greeting, code], [undefined, 1])
})
