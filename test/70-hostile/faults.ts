/**
 * Every call of the programs that hold mail fails once: ENOSPC, EIO, EMFILE, EACCES and others, by strace. Of the
 * calls every third fails here, with another error each time; YABUMI_FAULTS=all tries every error at every call.
 */
import t from 'tap'
import { faultsOf, noStrace, pointsOf, tryFault } from '../faults/inject.ts'
import { planted, scenarios } from '../faults/scenarios.ts'

const all = process.env['YABUMI_FAULTS'] === 'all'

t.test('the harness finds a queue that ignores errors', { skip: noStrace }, async (t) => {
  const found = faultsOf(pointsOf(planted), true)
    .map((fault) => tryFault(planted, fault))
    .filter((wrong) => wrong !== undefined)
  t.match(found.join('\n'), /acknowledged, and 0 are queued|torn|without its message/)
  t.comment(`${found.length} findings, the first: ${found[0]}`)
})

for (const scenario of scenarios) {
  t.test(
    `${scenario.name}: whatever fails, nothing acknowledged is missing, nothing is torn, nothing is called permanent`,
    { skip: noStrace },
    async (t) => {
      const faults = faultsOf(pointsOf(scenario), all, scenario.sparse)
      const wrong = faults.map((fault) => tryFault(scenario, fault)).filter((one) => one !== undefined)
      t.same(wrong, [])
      t.ok(faults.length > 2)
      t.comment(`${faults.length} faults`)
    },
  )
}
