/**
 * Show that the explorer can fail: `node mutate.ts [--seed N] [--only TEXT]` builds the programs with one fault after the other, in a
 * directory of their own, and prints what was found, an item of a list each. Exit code 1 if a fault was not found.
 */
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildWith, changedBy } from '../support/plant.ts'
import { explore, type Result } from './explore.ts'
import { exploreMail, type MailResult } from './mailboxes/explore.ts'
import { type Mutation, mutations } from './mutations.ts'

/** Explore what leads through a fault. */
export async function tryOne(mutation: Mutation, seed: number): Promise<Result | MailResult> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'crash-mutation-'))
  chmodSync(directory, 0o755) // the user's own account runs local
  try {
    const programs = await buildWith(mutation.edits, directory)
    if (mutation.explorer === 'mailboxes') return await exploreMail({ programs, scenarios: mutation.scenarios, seed, samples: 0 })
    return await explore({ programs, scenarios: mutation.scenarios, seed, samples: 0, impatient: true })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' } } })
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  let missed = 0
  const chosen = mutations.filter(({ what }) => what.includes(values.only))
  for (const mutation of chosen) changedBy(mutation.edits) // a source that has moved on says so at once
  for (const mutation of chosen) {
    const result = await tryOne(mutation, Number(values.seed)).catch((error: Error) => error)
    const { distinct, problems } = result instanceof Error ? { distinct: 0, problems: [] } : result
    const [first] = problems
    if (first === undefined) missed += 1
    const states = new Set(problems.map(({ state }) => `${state.model} ${state.at} ${state.loss}`)).size
    const none = result instanceof Error ? `**not tried**: ${result.message.split('\n').at(-1)}` : '**not found**'
    const text = first === undefined ? none : `${first.state.model}: ${neutral(first.text)}`
    say(`- ${mutation.what}. ${states} of ${distinct}; ${text}`)
  }
  say(`\n${chosen.length} faults, ${missed} not found`)
  return missed === 0 ? 0 : 1
}

/** Without what differs from run to run. */
function neutral(text: string): string {
  return text.replaceAll(/\b\d{5,}\b/g, 'N').replaceAll(/\/\d+\/N/g, '/S/N')
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main()
