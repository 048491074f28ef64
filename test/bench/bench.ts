/**
 * make bench: yabumi beside Postfix, and beside C qmail where QMAIL_HOME names one. README.md here says how it measures.
 *
 *     node test/bench/bench.ts [--quick] [--row TEXT] [--seconds N] [--out DIRECTORY] [--before CHECKOUT]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { imapRows } from './imaprows.ts'
import { loadMissing } from './load.ts'
import { ownRows } from './ownrows.ts'
import { plot } from './plot.ts'
import { isMet, lineOf, type Outcome, summaryOf } from './report.ts'
import { rows, Skip } from './rows.ts'
import { withSystems } from './shared.ts'
import { tlsRows } from './tlsrows.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    row: { type: 'string' },
    seconds: { type: 'string' },
    out: { type: 'string' },
    before: { type: 'string' },
  },
})
const quick = values.quick === true
const out = values.out ?? join(import.meta.dirname, '../../.runtime/bench')
const seconds = Number(values.seconds ?? (quick ? 9 : 30))
const bounds = { warmUpSeconds: seconds / 3, seconds, leastRounds: quick ? 2 : 5 }

const missing = loadMissing()
if (missing !== undefined) {
  process.stderr.write(`bench: ${missing}; nothing to measure with\n`)
  process.exit(111)
}
const wanted = [...rows, ...(values.before === undefined ? [...imapRows, ...ownRows, ...tlsRows] : [])].filter((row) =>
  values.row === undefined ? !quick || row.quick === true : `${row.name} (${row.load})`.includes(values.row),
)
const outcomes: Outcome[] = []
await withSystems(bounds, values.before, async (shared) => {
  for (const row of wanted) {
    try {
      outcomes.push({ row, result: await row.run(shared) })
    } catch (error) {
      if (!(error instanceof Skip)) throw error
      outcomes.push({ row, skipped: error.message })
    }
    process.stdout.write(lineOf(outcomes.at(-1) as Outcome))
  }
})
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'bench.json'), `${JSON.stringify(summaryOf(outcomes), undefined, 2)}\n`)
writeFileSync(join(out, 'bench.svg'), plot(outcomes))
process.stdout.write(`\n${out}/bench.json and bench.svg hold this run\n`)
process.exitCode = outcomes.every(({ result }) => result === undefined || result.figures.every(isMet)) ? 0 : 1
