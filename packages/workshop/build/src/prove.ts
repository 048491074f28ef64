/**
 * make test: types, lint, boundaries, launchers, documents, every test, the golden vectors, the tour; one count at the
 * end.
 *
 * The last line is `N passed, N failed, N skipped`, and the exit code is 1 if anything failed. A step that breaks
 * before it says what failed counts as a failure by itself. The line is also left in .runtime/verdict, where .ci/run
 * reads it.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { boundaryProblems } from './boundaries.ts'
import { documentProblems } from './documents.ts'
import { inCopy, isReadableByAll } from './elsewhere.ts'
import { goldenRuns, leftOut } from './golden.ts'
import { launcherProblems } from './launchers.ts'
import { installPeers } from './peers.ts'
import { type Counts, TapReader } from './tap.ts'
import { runTestFiles } from './testfiles.ts'

const root = join(import.meta.dirname, '../../../..')
const nobody = 65_534
const amRoot = process.getuid?.() === 0
const totals: Counts = { passed: 0, failed: 0, skipped: 0 }
const skips: string[] = []

/** What the programs under test see: nothing of the caller's mail settings. */
function environment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TERM', 'SUITES'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))
  return Object.fromEntries(kept)
}

function add(sum: Counts, counts: Counts): void {
  for (const key of ['passed', 'failed', 'skipped'] as const) sum[key] += counts[key]
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function step(name: string, work: () => Promise<Counts>): Promise<void> {
  const start = performance.now()
  let counts: Counts
  try {
    counts = await work()
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    counts = { passed: 0, failed: 1, skipped: 0 }
  }
  add(totals, counts)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  say(
    `${counts.failed === 0 ? 'ok  ' : 'FAIL'} ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`,
  )
}

/** One check by a program: what it says matters only if it fails. */
async function check(file: string, ...args: string[]): Promise<Counts> {
  const options = { cwd: root, stdin: 'ignore', all: true, reject: false, preferLocal: true, env: environment(), extendEnv: false } as const
  const { exitCode, all } = await execa(file, args, options)
  if (exitCode === 0) return { passed: 1, failed: 0, skipped: 0 }
  say(all)
  return { passed: 0, failed: 1, skipped: 0 }
}

/** Run a program that prints TAP; its failures are shown, its other lines are not. */
async function tapOf(file: string, args: string[], as?: number): Promise<Counts> {
  const reader = new TapReader()
  const identity = as === undefined ? {} : { uid: as, gid: as }
  const env = as === undefined ? environment() : { ...environment(), HOME: '/' }
  const child = execa(file, args, { cwd: root, env, extendEnv: false, reject: false, buffer: false, stderr: 'inherit', ...identity })
  for await (const line of child) {
    const shown = reader.failures.length
    reader.line(line)
    for (const failure of reader.failures.slice(shown)) say(failure)
  }
  const { exitCode } = await child
  if (exitCode !== 0 && reader.counts.failed === 0) {
    say(`${file} ended with ${exitCode ?? 'a signal'} though no test failed`)
    reader.counts.failed += 1
  }
  if (reader.counts.passed === 0 && reader.counts.failed === 0) throw new Error(`${file} ran no test at all`)
  skips.push(...reader.skips)
  return reader.counts
}

async function tests(): Promise<Counts> {
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 }
  await runTestFiles(root, environment(), ({ file, counts, skips: reasons, failures, errors, seconds }) => {
    add(sum, counts)
    skips.push(...reasons)
    const { passed, failed } = counts
    if (failed > 0) say([`FAILED ${file}:`, ...failures, errors].join('\n'))
    else say(`     ${file}: ${passed} passed (${seconds.toFixed(1)} s)`)
  })
  return sum
}

async function golden(as?: number): Promise<Counts> {
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 }
  const asRoot = amRoot && as === undefined
  for (const args of goldenRuns(root, asRoot)) add(sum, await tapOf(join(root, 'test/golden/run'), args, as))
  for (const [id, reason] of leftOut(asRoot)) {
    sum.skipped += 1
    skips.push(`${id}: ${reason}`)
  }
  return sum
}

/** @returns the exit code */
function proveThere(copy: string): number {
  say(`only root can reach ${root}: running the tests in ${copy}`)
  const runtime = join(copy, '.runtime')
  const env = { ...process.env, PATH: `${runtime}:${process.env['PATH']}` }
  const { status } = spawnSync(join(runtime, 'node'), [join(copy, 'packages/workshop/build/src/prove.ts')], {
    cwd: copy,
    env,
    stdio: 'inherit',
  })
  copyFileSync(join(copy, '.runtime/verdict'), verdictFile)
  return status ?? 1
}

const verdictFile = join(root, '.runtime/verdict')
rmSync(verdictFile, { force: true })
if (amRoot && !isReadableByAll(join(root, 'dist/inject.cjs'))) process.exit(inCopy(root, proveThere))
say('This takes 15 to 25 minutes on an idle machine with two processors, and longer on a busy one. What is skipped is listed at the end.')
await step('types', () => check('tsc', '-b'))
await step('types of the tests', () => check('tsc', '-p', 'test'))
await step('lint', () => check('biome', 'check', '--error-on-warnings'))
for (const [name, find] of Object.entries({ boundaries: boundaryProblems, launchers: launcherProblems, documents: documentProblems })) {
  await step(name, async () => {
    const problems = find(root)
    for (const problem of problems) say(problem)
    return { passed: problems.length === 0 ? 1 : 0, failed: problems.length, skipped: 0 }
  })
}
if (amRoot) for (const problem of await installPeers()) say(problem)
await step('tests', tests)
await step(amRoot ? 'golden vectors, as root' : 'golden vectors', () => golden())
if (amRoot) await step('golden vectors, as a normal user', () => golden(nobody))
await step('tour', () => check(process.execPath, 'test/demo/tour.ts'))

if (skips.length > 0) say(`\nskipped:\n${[...new Set(skips)].map((reason) => `  ${reason}`).join('\n')}\n`)
const verdict = `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`
writeFileSync(verdictFile, `${verdict}\n`)
say(verdict)
process.exitCode = totals.failed === 0 ? 0 : 1
