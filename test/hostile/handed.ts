/**
 * Who has got a message keeps it in every way that there is, while a thousand other messages pass through the queue. Nothing of those is ever
 * found in what was kept.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spareMessageBytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import type { Running } from '../support/running.ts'
import { until } from '../support/wait.ts'

const holder = join(import.meta.dirname, 'support/holder.ts')
const submit = join(import.meta.dirname, 'support/submit.ts')
const ways = ['path', 'worker', 'splice', 'sendfile', 'mmap', 'rights', 'fork'] as const
const others = 1_000
/** Processes that submit them. */
const lanes = 8

/** A message of so many bytes in the queue, which adds a line of some 80. */
function text(mark: string, sizeBytes = 3_000): string {
  return `Subject: ${mark}\n\n${`${mark}\n`.repeat(Math.ceil(sizeBytes / (mark.length + 1)))}`
}

/** Holds of one kind: where their files are, what they were given, and how mail reaches them. */
interface Holds {
  readonly directory: string
  readonly sizeBytes: number
  address(way: string): string
}

/** Have every way of holding take a message. */
async function takeHold(t: Test, home: ScratchHome, { directory, sizeBytes, address }: Holds): Promise<void> {
  for (const way of ways) await home.inject([address(way)], text(`mine-${way}`, sizeBytes))
  for (const way of ways) await until(`${way} holds a message`, () => existsSync(join(directory, `${way}.pid`)))
  t.teardown(() => {
    for (const way of ways) process.kill(numberOf(directory, way), 'SIGKILL')
  })
}

function numberOf(directory: string, way: string): number {
  return Number(readFileSync(join(directory, `${way}.pid`), 'utf8'))
}

async function heldBy(directory: string, way: string): Promise<string> {
  process.kill(numberOf(directory, way), 'SIGUSR2')
  const path = join(directory, `${way}.held`)
  await until(`${way} says what it holds`, () => existsSync(path))
  return readFileSync(path, 'latin1')
}

/** A thousand messages of somebody else's. @returns when they are delivered */
async function passOthers(home: ScratchHome, running: Running): Promise<void> {
  const message = { sender: 's@x.example', recipients: [`bob@${hostName}`], text: text('foreign', 5_000) }
  const input = JSON.stringify(Array.from({ length: others / lanes }, () => message))
  const submitAll = () => execa(process.execPath, ['--disable-warning=ExperimentalWarning', submit], { env: home.environment, input })
  await Promise.all(Array.from({ length: lanes }, submitAll))
  await running.emptied()
}

async function checkHolds(t: Test, { directory }: Holds): Promise<void> {
  for (const way of ways) {
    const held = await heldBy(directory, way)
    if (way === 'worker' && held === 'refused') continue
    t.ok(held.includes(`mine-${way}\nmine-${way}\n`), `${way}: holds its own message`)
    t.notOk(held.includes('foreign'), `${way}: holds nothing of another's`)
  }
}

function scratchDirectory(home: ScratchHome, name: string): string {
  const directory = join(home.root, name)
  mkdirSync(directory, { mode: 0o777 })
  return directory
}

/** The command that keeps its descriptor 0. */
function command(way: string, directory: string, report = ''): string {
  return `exec ${process.execPath} --disable-warning=ExperimentalWarning ${holder} ${way} ${directory} ${report}`
}

function spares(home: ScratchHome): string[] {
  return readdirSync(join(home.directory, 'queue/spare'))
}

t.test('whoever keeps a message that was delivered to a program never reads another one in it', async (t) => {
  process.umask(0)
  const home = await ScratchHome.make(t, 'joe', 'bob')
  const small: Holds = { directory: scratchDirectory(home, 'small'), sizeBytes: 3_000, address: (way) => `joe-${way}@${hostName}` }
  const large: Holds = {
    directory: scratchDirectory(home, 'large'),
    sizeBytes: 2 * spareMessageBytes,
    address: (way) => `joe-large-${way}@${hostName}`,
  }
  for (const way of ways) {
    home.userFile('joe', `.qmail-${way}`, `|${command(way, small.directory)}\n`)
    home.userFile('joe', `.qmail-large-${way}`, `|${command(way, large.directory)}\n`)
  }
  const running = await home.supervise()
  for (const holds of [small, large]) await takeHold(t, home, holds)
  await running.emptied()
  t.not(spares(home).length, 0, 'files are written over')
  await passOthers(home, running)
  t.equal(home.maildir('bob').length, others)
  for (const holds of [small, large]) await checkHolds(t, holds)
})

t.test('whoever keeps a message that went out by a program never reads another one in it', async (t) => {
  process.umask(0)
  const home = await ScratchHome.make(t, 'bob')
  const small: Holds = { directory: scratchDirectory(home, 'small'), sizeBytes: 3_000, address: (way) => `x@${way}.small.example` }
  const large: Holds = {
    directory: scratchDirectory(home, 'large'),
    sizeBytes: 2 * spareMessageBytes,
    address: (way) => `x@${way}.large.example`,
  }
  const program = join(home.root, 'remote')
  const cases = ways.flatMap((way) => [
    `${way}.small.example) ${command(way, small.directory, 'r+Kkept+')};;`,
    `${way}.large.example) ${command(way, large.directory, 'r+Kkept+')};;`,
  ])
  writeFileSync(program, `#!/bin/sh\ncase $1 in\n${cases.join('\n')}\nesac\n`, { mode: 0o755 })
  const running = await home.supervise({ env: { QMAILREMOTE: program } })
  for (const holds of [small, large]) await takeHold(t, home, holds)
  await running.emptied()
  await passOthers(home, running)
  t.equal(home.maildir('bob').length, others)
  for (const holds of [small, large]) await checkHolds(t, holds)
})

t.test('a copy is a file to its program: it reads it again, opens it again and goes back in it', async (t) => {
  process.umask(0)
  const home = await ScratchHome.make(t, 'joe')
  const out = join(scratchDirectory(home, 'out'), 'twice')
  home.userFile('joe', '.qmail-again', `|cat /dev/stdin /proc/self/fd/0 >${out}; test "$(wc -c <${out})" = $((2 * $(wc -c)))\n`)
  const running = await home.supervise()
  await home.inject([`joe-again@${hostName}`], text('mine'))
  await running.logs(/delivery 1: success/)
  const [first = '', second] = readFileSync(out, 'latin1')
    .split(/(?=^Received: )/m)
    .filter((part) => part.startsWith('Received: '))
  t.ok(first.includes('mine\nmine\n'))
  t.equal(first, second)
})

for (const name of ['lspawn', 'rspawn']) {
  t.test(`no file is written over where ${name} is not ours, because what it gives away may be the file itself`, async (t) => {
    const home = await ScratchHome.make(t, 'bob')
    const bin = join(home.directory, 'bin')
    const programs = realpathSync(bin)
    rmSync(bin)
    mkdirSync(bin)
    for (const one of readdirSync(programs)) if (one !== name) symlinkSync(join(programs, one), join(bin, one))
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${join(programs, name)} "$@"\n`, { mode: 0o755 })
    const running = await home.supervise()
    for (let n = 0; n < 3; n += 1) {
      await home.inject([`bob@${hostName}`], text('foreign'))
      await running.emptied()
    }
    t.same(spares(home), [])
  })
}
