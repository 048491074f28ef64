/** Lines of the log have a time where nobody else adds one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { missing } from '../../../../test/support/programs.ts'
import { until } from '../../../../test/support/wait.ts'

const supervise = join(import.meta.dirname, '../../../../bin/supervise')
const timed = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z (?:queue|send|supervise): /
const plain = /^(?:queue|send|supervise): /

function fakeHome(test: Test, logtimes?: string): string {
  const home = mkdtempSync(join(tmpdir(), 'supervise-'))
  test.teardown(() => rmSync(home, { recursive: true }))
  for (const directory of ['bin', 'control', 'queue']) mkdirSync(join(home, directory))
  writeFileSync(join(home, 'control/me'), 'me.example\n')
  if (logtimes !== undefined) writeFileSync(join(home, 'control/logtimes'), logtimes)
  for (const name of ['queue', 'start']) symlinkSync(join(import.meta.dirname, 'fixtures/fake'), join(home, 'bin', name))
  return home
}

/** The lines that supervise has written to a file or a pipe; the last one is of a program that has ended. */
async function linesOf(test: Test, home: string, to: 'file' | 'pipe' | 'terminal'): Promise<string[]> {
  const path = join(home, 'log')
  const fd = openSync(path, 'a')
  const [file, ...args] = to === 'terminal' ? ['script', '-qefc', supervise, '/dev/null'] : [supervise]
  const child = spawn(file as string, args, {
    env: { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home },
    stdio: to === 'terminal' ? ['ignore', fd, fd] : ['ignore', 'ignore', to === 'file' ? fd : 'pipe'],
    detached: true,
  })
  closeSync(fd)
  const ended = once(child, 'exit')
  let supervisor = child.pid as number
  test.teardown(async () => {
    process.kill(supervisor) // script(1) would leave it behind
    await ended
  })
  child.stderr?.on('data', (bytes: Buffer) => writeFileSync(path, bytes, { flag: 'a' }))
  const lines = (): string[] => readFileSync(path, 'latin1').split('\n').slice(0, -1)
  const pid = await until('a program runs', () => /^queue (\d+)$/m.exec(read(join(home, 'supervise/pids')))?.[1])
  supervisor = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1])
  await until('it has said something', () => lines().some((line) => line.includes('queue: ')))
  process.kill(Number(pid), 'SIGTERM') // it takes what it has started with it
  await until('supervise has said something', () => lines().some((line) => line.includes('supervise: queue ended')))
  return lines().map((line) => line.replace(/\r$/, ''))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

for (const [where, to, logtimes, form] of [
  ['in a file', 'file', undefined, timed],
  ['in a file, with control/logtimes 0', 'file', '0\n', plain],
  ['in a pipe, as under multilog', 'pipe', undefined, plain],
  ['in a pipe, with control/logtimes 1', 'pipe', '1\n', timed],
  ['on a terminal', 'terminal', undefined, timed],
] as const) {
  t.test(`lines have ${form === timed ? 'a' : 'no'} time ${where}`, { skip: to === 'terminal' && missing('script') }, async (t) => {
    const lines = await linesOf(t, fakeHome(t, logtimes), to)
    t.same(
      lines.filter((line) => !form.test(line)),
      [],
    )
  })
}
