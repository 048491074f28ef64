/**
 * Run the test files, each as a program of its own with a directory of its own for what it makes, some at a time.
 *
 * tap's library makes the tests. Its runner is left out, because it loads itself into every Node below a test. Programs
 * then start in twice the time, and those that become another account fail to write its records.
 */
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Counts, TapReader } from './tap.ts'

/** A file that says nothing for so long hangs. No test has a bound on its time otherwise: how fast the machine is must not matter. */
const silentSeconds = 900
const shownErrorBytes = 8_000

export interface FileResult {
  readonly file: string
  readonly counts: Counts
  readonly skips: readonly string[]
  readonly failures: readonly string[]
  /** What it wrote to descriptor 2, where it failed. */
  readonly errors: string
  readonly seconds: number
}

/** Directories of test/ whose files are run by tests, or by a person. */
const tools = new Set(['alternate', 'bench', 'crash-explorer', 'demo', 'faults', 'fuzz', 'golden', 'soak', 'suites', 'support'])

/** Paths relative to the root: the end-to-end tests first, which take longest. */
export function testFiles(root: string): string[] {
  const files = ['test/*/*.ts', 'packages/*/*/test/*.ts'].flatMap((pattern) => globSync(pattern, { cwd: root }).sort())
  return files.filter((file) => !(file.startsWith('test/') && tools.has(file.split('/')[1] as string)))
}

/** Run one file. A file that ends badly without a failing test, or runs none, has failed. */
export async function runTestFile(root: string, file: string, env: Record<string, string>): Promise<FileResult> {
  const start = performance.now()
  const reader = new TapReader()
  const scratch = mkdtempSync(join(env['TMPDIR'] ?? tmpdir(), 'yabumi-test-')) // goes with what a test leaves that is cut
  chmodSync(scratch, 0o1777)
  const child = execa(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, file)], {
    cwd: root,
    env: { ...env, TAP_TIMEOUT: '0', TMPDIR: scratch },
    extendEnv: false,
    stdin: 'ignore',
    detached: true, // a test that kills its process group kills nobody else
    reject: false,
    maxBuffer: 100_000_000,
  })
  let hangs = false
  const silence = setTimeout(() => {
    hangs = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL') // with the programs that it waits for
  }, silentSeconds * 1000)
  for await (const line of child) {
    silence.refresh()
    reader.line(line)
  }
  const { exitCode, stderr } = await child
  clearTimeout(silence)
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  const { counts, skips, failures } = reader
  const ranNone = counts.passed + counts.failed + counts.skipped === 0
  if (counts.failed === 0 && (exitCode !== 0 || ranNone)) {
    counts.failed = 1
    failures.push(
      `${file}: ${hangs ? `said nothing for ${silentSeconds} s` : ranNone ? 'ran no test' : `ended with ${exitCode ?? 'a signal'}`}`,
    )
  }
  return {
    file,
    counts,
    skips,
    failures,
    errors: counts.failed === 0 ? '' : stderr.slice(-shownErrorBytes),
    seconds: (performance.now() - start) / 1000,
  }
}

/** Run all files, one more at a time than there are processors, because much of a test is waiting. @param done - called after each */
export async function runTestFiles(root: string, env: Record<string, string>, done: (result: FileResult) => void): Promise<void> {
  const waiting = testFiles(root)
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) done(await runTestFile(root, file, env))
  }
  await Promise.all([undefined, ...cpus()].map(worker))
}
