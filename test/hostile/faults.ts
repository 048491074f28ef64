/**
 * Every call of the programs that hold mail fails once: ENOSPC, EIO, EMFILE, EACCES and others, by strace. Of the
 * calls every third fails here, with another error each time; YABUMI_FAULTS=all tries every error at every call.
 */
import t from 'tap'
import { faultsOf, noStrace, pointsOf, tryFaults } from '../faults/inject.ts'
import { planted, scenarios } from '../faults/scenarios.ts'
import { startSink } from '../support/sink.ts'

const all = process.env['YABUMI_FAULTS'] === 'all'

t.test('the harness finds a queue that ignores errors', { skip: noStrace }, async (t) => {
  const found: string[] = []
  await tryFaults(planted, faultsOf(await pointsOf(planted), true), (wrong) => wrong !== undefined && found.push(wrong))
  t.match(found.join('\n'), /acknowledged, and 0 are queued|torn|without its message/)
  t.comment(`${found.length} findings, the first: ${found[0]}`)
})

const sink = await startSink()
t.teardown(() => sink.close())
for (const scenario of scenarios(sink)) {
  t.test(
    `${scenario.name}: whatever fails, nothing acknowledged is missing, nothing is torn, nothing is called permanent`,
    { skip: noStrace },
    async (t) => {
      const faults = faultsOf(await pointsOf(scenario), all, scenario.sparse)
      await tryFaults(scenario, faults, (wrong, { call, n, error }) => t.equal(wrong, undefined, `${call} ${n} fails with ${error}`))
      t.ok(faults.length > 2)
      t.comment(`${faults.length} faults`)
    },
  )
}
