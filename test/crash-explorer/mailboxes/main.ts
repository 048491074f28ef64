/**
 * Crash the mailboxes of IMAP at every call: `node test/crash-explorer/mailboxes/main.ts [--seed N] [--samples N]
 * [--states N] [--scenario NAME]... [--model kill|journal|reorder]... [--programs BIN]`.
 *
 * Exit code 1 if there are problems.
 */
import { parseArgs } from 'node:util'
import { models } from '../crashes.ts'
import { exploreMail } from './explore.ts'
import { mailScenarios } from './scenarios.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    samples: { type: 'string', default: '12' },
    states: { type: 'string' },
    scenario: { type: 'string', multiple: true },
    model: { type: 'string', multiple: true },
    programs: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

if (values.help === true) for (const { name } of mailScenarios) say(name)
else {
  const { distinct, tried, problems } = await exploreMail({
    seed: Number(values.seed),
    samples: Number(values.samples),
    models: models.filter((model) => values.model?.includes(model) ?? true),
    ...(values.programs === undefined ? {} : { programs: values.programs }),
    ...(values.scenario === undefined ? {} : { scenarios: values.scenario }),
    ...(values.states === undefined ? {} : { most: Number(values.states) }),
    say,
  })
  for (const { scenario, state, text } of problems.slice(0, 20))
    say(`${scenario}, ${state.model}, call ${state.at}, ${state.loss}: ${text}`)
  say(`seed ${values.seed}: ${tried} of ${distinct} states tried, ${problems.length} problems`)
  if (problems.length > 0) process.exitCode = 1
}
