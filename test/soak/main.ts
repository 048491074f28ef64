/**
 * make soak: rounds of load and violence, an hour by default: `node test/soak/main.ts [--seed N] [--minutes N]`.
 *
 * Each round prints its seed and what became of its messages; `--seed N` begins there again. Exit code 1 if a message was lost, torn, or there
 * more often than what was in flight explains.
 */
import { parseArgs } from 'node:util'
import { judge, Soak } from './round.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } })
const end = performance.now() + 60_000 * Number(values.minutes ?? 60)
const first = Number(values.seed ?? 1)
const messages = 1_500
const every = 25
const work: (() => unknown)[] = []
const total = { acknowledged: 0, duplicates: 0, kills: 0, stops: 0 }
try {
  const soak = await Soak.start({ teardown: (one) => work.push(one) })
  for (let seed = first; seed === first || performance.now() < end; seed += 1) {
    const tally = await soak.round(seed, messages, every)
    const wrong = judge(tally)
    for (const key of ['acknowledged', 'duplicates', 'kills', 'stops'] as const) total[key] += tally[key]
    const { lost, torn, inFlight } = tally
    process.stdout.write(
      `seed ${seed}: ${tally.acknowledged} acknowledged, ${lost.length} lost, ${torn} torn, ${tally.duplicates} twice (${inFlight} in flight), ${tally.kills} kills, ${tally.stops} stops\n`,
    )
    if (wrong === undefined) continue
    process.stdout.write(`FOUND in seed ${seed}: ${wrong}\n`)
    process.exitCode = 1
    break
  }
} finally {
  process.stdout.write(`in all ${total.acknowledged} messages, ${total.duplicates} twice, ${total.kills} kills, ${total.stops} stops\n`)
  for (const one of work.reverse()) await one()
}
