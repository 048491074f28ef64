/** 2,000 messages of 2,000 bytes over 20 sessions, and one of 60 MB: all arrive, each synced at every step, and nobody grows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sendMail } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { numberOfWhole, runLoad } from '../support/load.ts'
import { below, peakMegabytes } from '../support/processes.ts'
import { missing } from '../support/programs.ts'
import type { Running } from '../support/running.ts'

const messages = 2000
const sizeBytes = 2000

function load(running: Running) {
  const recipient = () => `joe@${hostName}`
  return runLoad({ host: '127.0.0.1', port: running.smtpPort, sessions: 20, messages, sizeBytes, recipient })
}

/** Peak of each resident program in MB. */
function peaks(running: Running): [program: string, megabytes: number][] {
  return below(running.pid).map(({ pid, program }) => [program, peakMegabytes(pid) ?? 0])
}

t.test('2,000 messages over 20 sessions arrive, and no resident program grows past 120 MB', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  const account = await load(running)
  t.equal(account.acknowledged.size, messages)
  t.equal(account.attemptsFailed, 0)
  await running.emptied()
  const numbers = new Set(home.maildir('joe').map((text) => numberOfWhole(text, sizeBytes)))
  t.equal(numbers.size, messages)
  for (const [program, megabytes] of peaks(running)) t.ok(megabytes <= 120, `${program} peaked at ${megabytes.toFixed(0)} MB`)
})

t.test('a message of 60 MB arrives, and no resident program grows past 160 MB', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  const line = `${'x'.repeat(998)}\n`
  const body = line.repeat(60_000)
  const reply = await sendMail(running.smtpPort, 'a@b.example', [`joe@${hostName}`], `Subject: large\n\n${body}`)
  t.match(reply, /^250 /)
  await running.emptied()
  const [text = ''] = home.maildir('joe')
  t.ok(text.endsWith(`Subject: large\n\n${body}`), 'the message is whole')
  for (const [program, megabytes] of peaks(running)) t.ok(megabytes <= 160, `${program} peaked at ${megabytes.toFixed(0)} MB`)
})

t.test('every message is synced in the queue and in the Maildir', { skip: missing('strace') }, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const traceFile = join(home.root, 'trace')
  const running = await home.supervise({
    under: ['strace', '-D', '-f', '-y', '-qq', '--seccomp-bpf', '-e', 'trace=fsync,fdatasync', '-o', traceFile],
  })
  const account = await load(running)
  t.equal(account.acknowledged.size, messages)
  await running.emptied()
  await running.stop()
  const trace = readFileSync(traceFile, 'latin1')
  const count = (pattern: RegExp): number => trace.match(pattern)?.length ?? 0
  const queue = join(home.directory, 'queue').replace(/[.+]/g, '\\$&')
  t.equal(count(new RegExp(`fsync\\(\\d+<${queue}/mess/\\d+/\\d+>`, 'g')), messages, 'mess, once a message')
  t.equal(count(new RegExp(`fsync\\(\\d+<${queue}/(?:intd/\\d+|spare/todo\\.\\d+)>`, 'g')), messages, 'the envelope, once a message')
  t.ok(count(new RegExp(`fsync\\(\\d+<${queue}/todo>`, 'g')) >= 1, 'the directory todo/, shared')
  t.equal(count(/fsync\(\d+<[^>]*\/Maildir\/tmp\/[^>]*>/g), messages, 'each file of the Maildir')
  t.ok(count(/fsync\(\d+<[^>]*\/Maildir\/new>/g) >= 1, 'the directory new/, shared')
})
