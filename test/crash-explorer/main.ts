/** The explorer on the command line: `node test/crash-explorer/main.ts --help`. README.md is its manual page. */
import { parseArgs } from 'node:util'
import { type Model, models } from './crashes.ts'
import { explore, type Options, type Problem } from './explore.ts'
import { randomNames, scenarios } from './scenarios.ts'

const shownProblems = 20

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    samples: { type: 'string', default: '0' },
    states: { type: 'string' },
    random: { type: 'string', default: '0' },
    scenario: { type: 'string', multiple: true, default: [] },
    model: { type: 'string', multiple: true, default: [] },
    programs: { type: 'string' },
    keep: { type: 'string' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  const lines = [
    'usage: main.ts [--seed N] [--random N] [--samples N] [--states N] [--from N] [--keep DIRECTORY] [--scenario NAME]... [--model kill|journal|reorder]... [--programs BIN]',
    'scenarios:',
    ...scenarios.map(({ name }) => `  ${name}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
} else process.exitCode = await main()

function optionsOf(): Options {
  const wanted = models.filter((model) => values.model.length === 0 || values.model.includes(model)) satisfies Model[]
  const named = values.scenario.length > 0 ? values.scenario : scenarios.map(({ name }) => name)
  return {
    seed: Number(values.seed),
    samples: Number(values.samples),
    scenarios: [...named, ...randomNames(Number(values.seed), Number(values.random))],
    models: wanted,
    ...(values.states === undefined ? {} : { most: Number(values.states) }),
    ...(values.programs === undefined ? {} : { programs: values.programs }),
    ...(values.keep === undefined ? {} : { keep: values.keep }),
    from: Number(values.from),
    say: (line) => process.stdout.write(`${line}\n`),
  }
}

async function main(): Promise<number> {
  const start = performance.now()
  const { distinct, tried, problems } = await explore(optionsOf())
  for (const problem of problems.slice(0, shownProblems)) process.stdout.write(`${words(problem)}\n`)
  const sum = tried.kill + tried.journal + tried.reorder
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  process.stdout.write(
    `seed ${values.seed}: ${sum} of ${distinct} states tried (kill ${tried.kill}, journal ${tried.journal}, reorder ${tried.reorder}), ` +
      `${problems.length} problems, ${seconds} s\n`,
  )
  return problems.length === 0 ? 0 : 1
}

function words({ scenario, state, after, text }: Problem): string {
  return `PROBLEM ${scenario}: ${text}\n  ${state.model}, after event ${state.at} (${after}); on the disk: ${state.loss}`
}
