import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  bin,
  ended,
  environmentOf,
  isRoot,
  messageFiles,
  queueFiles,
  queueText,
  readyListener,
  scratchDirectory,
  scratchHome,
} from './support/scratch.ts'

const skip = !isRoot && 'needs root to be another account'
const somebody = 65534

/** Start one-shot queue as an account that may not write queue/. */
function start(t: Test, home: string, mess: string, envelope: string): ChildProcess {
  const directory = scratchDirectory(t)
  const open = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, 'latin1')
    return openSync(join(directory, name), 'r')
  }
  const stdio = [open('mess', mess), open('envelope', envelope), 'inherit'] as const
  return spawn(join(bin, 'queue'), { env: environmentOf(home), stdio: [...stdio], uid: somebody, gid: somebody })
}

t.test('queue hands the message of an account that may not write to the resident queue', { skip }, async (t) => {
  const home = scratchHome(t)
  await readyListener(t, home)
  t.equal(await ended(start(t, home, 'line\n'.repeat(50_000), `Fs\0${'Trecipient\0'.repeat(20_000)}\0`)), 0)
  const [mess, todo] = messageFiles(home) as [string, string]
  t.match(queueText(home, mess), `invoked by uid ${somebody});`)
  t.equal(queueText(home, mess).split('\n').length, 50_002)
  t.match(queueText(home, todo), new RegExp(`^u${somebody}\0`))
  t.equal(queueText(home, todo).split('T').length, 20_001)
})

for (const [what, wire, code] of [
  ['a wrong letter', 'X\0', 91],
  ['a long address', `F${'s'.repeat(1003)}\0\0`, 11],
  ['an envelope cut short', 'Fs\0Tr\0', 54],
] as const) {
  t.test(`queue exits ${code} for ${what}, behind the socket as without it`, { skip }, async (t) => {
    const home = scratchHome(t)
    await readyListener(t, home)
    t.equal(await ended(start(t, home, 'x\n', wire)), code)
    t.same(messageFiles(home), [])
  })
}

t.test('queue waits for a resident queue that is just starting', { skip }, async (t) => {
  const home = scratchHome(t)
  const relay = start(t, home, 'x\n', 'Fs\0Tr\0\0')
  await readyListener(t, home)
  t.equal(await ended(relay), 0)
  t.equal(queueFiles(home, 'todo').length, 1)
})

t.test(
  'queue reaches the resident queue where it may not even enter queue/, and says that nobody listens where there is none',
  { skip },
  async (t) => {
    const home = scratchHome(t)
    chmodSync(join(home, 'queue'), 0o700)
    const listener = await readyListener(t, home)
    t.equal(await ended(start(t, home, 'x\n', 'Fs\0Tr\0\0')), 0)
    listener.kill('SIGTERM')
    await ended(listener)
    t.equal(await ended(start(t, home, 'x\n', 'Fs\0Tr\0\0')), 67)
    const inject = spawnSync(join(bin, 'inject'), ['-fs@x', 'r@y'], {
      env: environmentOf(home),
      input: 'x\n',
      uid: somebody,
      gid: somebody,
    })
    t.equal(inject.stderr.toString(), 'qmail-inject: fatal: qq does not listen; start supervise, or queue --listen (#4.3.0)\n')
    t.equal(inject.status, 111)
  },
)
