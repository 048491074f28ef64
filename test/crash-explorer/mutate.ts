/**
 * Show that the explorer can fail: `node mutate.ts [--seed N] [--only TEXT]` builds the programs with one fault after the other, in a
 * directory of their own, and prints a table of what was found. Exit code 1 if a fault was not found.
 */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../../packages/build/src/bundle.ts'
import { checkout } from '../home.ts'
import { explore, type Result } from './explore.ts'
import { type Mutation, mutations } from './mutations.ts'

/**
 * The sources that a fault changes, by their paths, as they are with it.
 *
 * @throws Error if a text to replace is not in its source exactly once
 */
export function changedBy({ edits }: Mutation): Map<string, string> {
  const changed = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const path = join(checkout, 'packages', file)
    const text = changed.get(path) ?? readFileSync(path, 'utf8')
    if (text.split(find).length !== 2) throw new Error(`packages/${file} does not have exactly once: ${find}`)
    changed.set(
      path,
      text.replace(find, () => replace),
    )
  }
  return changed
}

/**
 * Build the programs with a fault.
 *
 * @returns their bin directory
 */
export async function buildWith(mutation: Mutation, directory: string): Promise<string> {
  const changed = changedBy(mutation)
  for (const part of ['.runtime', 'node_modules']) symlinkSync(join(checkout, part), join(directory, part))
  cpSync(join(checkout, 'bin'), join(directory, 'bin'), { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(directory, 'dist'))
  await bundle(join(directory, 'dist'), [
    {
      name: 'fault',
      setup: (build) =>
        build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
          const contents = changed.get(path)
          return contents === undefined ? undefined : { contents, loader: 'ts' }
        }),
    },
  ])
  return join(directory, 'bin')
}

/** Explore what leads through a fault. */
export async function tryOne(mutation: Mutation, seed: number): Promise<Result> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'crash-mutation-'))
  chmodSync(directory, 0o755) // the user's own account runs local
  try {
    const programs = await buildWith(mutation, directory)
    return await explore({ programs, scenarios: mutation.scenarios, seed, samples: 0, impatient: true })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' } } })
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  say('| fault | states with a problem | of | the first, and what it is |\n| --- | --: | --: | --- |')
  let missed = 0
  const chosen = mutations.filter(({ what }) => what.includes(values.only))
  for (const mutation of chosen) changedBy(mutation) // a source that has moved on says so at once
  for (const mutation of chosen) {
    const { distinct, problems } = await tryOne(mutation, Number(values.seed))
    const [first] = problems
    if (first === undefined) missed += 1
    const states = new Set(problems.map(({ state }) => `${state.model} ${state.at} ${state.loss}`)).size
    const text = first === undefined ? '**not found**' : `${first.state.model}: ${neutral(first.text)}`
    say(`| ${mutation.what} | ${states} | ${distinct} | ${text} |`)
  }
  say(`\n${chosen.length} faults, ${missed} not found`)
  return missed === 0 ? 0 : 1
}

/** Without what differs from run to run. */
function neutral(text: string): string {
  return text.replaceAll(/\b\d{5,}\b/g, 'N').replaceAll(/\/\d+\/N/g, '/S/N')
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main()
