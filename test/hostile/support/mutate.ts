/**
 * Show that the tests of this directory can fail: `node mutate.ts [--only TEXT]` plants one fault after the other, runs the test that must
 * find it, and prints a table. Exit code 1 if a fault was not found, or if a test fails without one.
 */
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { checkout } from '../../support/home.ts'
import { buildWith, changedBy, type Edit } from '../../support/plant.ts'
import { type Mutation, mutations } from './mutations.ts'

const secondsPerTest = 240

/** What a test made of the programs: `passed`, `skipped`, or the first assertion that failed. */
type Outcome = 'passed' | 'skipped' | { readonly failed: string }

/** Run one test in a tree like the checkout, whose programs are built with a fault. */
export async function runWith(edits: readonly Edit[], { file, test }: Pick<Mutation, 'file' | 'test'>): Promise<Outcome> {
  const tree = mkdtempSync(join(realpathSync(tmpdir()), 'hostile-mutation-'))
  chmodSync(tree, 0o755) // other accounts run programs of it
  try {
    await buildWith(edits, tree)
    symlinkSync(join(checkout, 'packages'), join(tree, 'packages'))
    cpSync(join(checkout, 'package.json'), join(tree, 'package.json'))
    cpSync(join(checkout, 'test'), join(tree, 'test'), { recursive: true, filter: (path) => !/\/test\/(golden|bench)$/.test(path) })
    const path = join(tree, 'test/hostile', file)
    const child = await execa(process.execPath, ['--disable-warning=ExperimentalWarning', path], {
      cwd: tree,
      env: { TAP_GREP: `/^${test}/`, TAP_TIMEOUT: String(secondsPerTest) },
      reject: false,
      timeout: 1000 * (secondsPerTest + 30),
    })
    return outcomeOf(child.stdout)
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function outcomeOf(tap: string): Outcome {
  const failed = /^ *not ok \d+ - (?!.*# (?:SKIP|TODO))(.*?)(?: # time=.*)?$/m.exec(tap)?.[1]
  if (failed !== undefined) return { failed }
  return /^ok \d+ - (?!.*# SKIP)/m.test(tap) ? 'passed' : 'skipped'
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const chosen = mutations.filter(({ what }) => what.includes(values.only))
  for (const { edits } of chosen) changedBy(edits) // a source that has moved on says so at once
  const sound = new Map<string, Outcome>()
  const counts = { found: 0, missed: 0, skipped: 0 }
  say('| fault | test | what failed |\n| --- | --- | --- |')
  for (const { what, edits, ...where } of chosen) {
    const key = `${where.file} ${where.test}`
    const before = sound.get(key) ?? (await runWith([], where))
    sound.set(key, before)
    const after = before === 'passed' ? await runWith(edits, where) : before
    const found = before === 'passed' && typeof after === 'object'
    counts[found ? 'found' : before === 'skipped' ? 'skipped' : 'missed'] += 1
    const text = typeof after === 'object' ? after.failed.slice(0, 200) : after
    say(`| ${what} | ${where.file} | ${found ? text : before === 'passed' ? '**not found**' : `without it: ${text}`} |`)
  }
  say(`\n${chosen.length} faults: ${counts.found} found, ${counts.missed} not found, ${counts.skipped} skipped`)
  return counts.missed === 0 ? 0 : 1
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main()
