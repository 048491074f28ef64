/** What a sender hears: each NOTIFY, by what came of the recipient, by whether the next host takes requests for reports (RFC 3461 §5.2). */

import { ConstMap } from '@yabumi/control'
import { checkedFacts, InfoFacts } from '@yabumi/facts'
import { successUntold } from '@yabumi/spawnprotocol'
import t from 'tap'
import { Delay } from '../src/bounce/delay.ts'
import { toldOf } from '../src/bounce/told.ts'
import type { Controls } from '../src/controls.ts'

const nobody = ConstMap.ofLines([])
const routing = { locals: nobody, virtualDomains: nobody }
const controls = {
  bounceFormat: 'both',
  bounceLanguages: [],
  tellsSuccess: true,
  delayWarnSeconds: 60,
  percentHack: nobody,
} as unknown as Controls
const sender = 'a@b.test'

type Outcome = 'success' | 'failure' | 'delay'

/** The Action of the report that the sender gets from us; undefined: none. */
function action(notify: string | undefined, outcome: Outcome, takesRequests: boolean): string | undefined {
  const facts = checkedFacts(`v1 AUTH=joe${notify === undefined ? '' : ` R0.NOTIFY=${notify}`}`)
  const report = outcome === 'success' && !takesRequests ? `ok\n${successUntold}` : 'words (#4.0.0)\n'
  if (outcome !== 'delay') {
    const text = toldOf({ verdict: outcome, report, channel: 'remote', sender, facts }, controls)
    return text === undefined ? undefined : (/^Action: (.*)$/m.exec(text)?.[1] ?? 'failed')
  }
  const info = { sender, facts: InfoFacts.of(facts, new Map()), birth: 0, warned: false }
  const delay = Delay.of('1' as never, info, 0, 1_000_000, controls, routing)
  delay?.note('r@far.test', report, facts)
  return delay?.text === undefined ? undefined : 'delayed'
}

/** By NOTIFY: at success with a host that takes requests, and with one that does not; at failure; at delay. */
const table: readonly (readonly [
  notify: string | undefined,
  asked: string | undefined,
  untold: string | undefined,
  failed: string | undefined,
  delayed: string | undefined,
])[] = [
  [undefined, undefined, undefined, 'failed', 'delayed'],
  ['NEVER', undefined, undefined, undefined, undefined],
  ['SUCCESS', undefined, 'relayed', undefined, undefined],
  ['FAILURE,DELAY', undefined, undefined, 'failed', 'delayed'],
  ['SUCCESS,FAILURE', undefined, 'relayed', 'failed', undefined],
]

t.test('each cell of the table', async (t) => {
  for (const [notify, asked, untold, failed, delayed] of table) {
    for (const takesRequests of [true, false]) {
      const name = `${notify ?? 'no NOTIFY'}, ${takesRequests ? 'with' : 'without'} DSN`
      t.equal(action(notify, 'success', takesRequests), takesRequests ? asked : untold, `${name}: success`)
      t.equal(action(notify, 'failure', takesRequests), failed, `${name}: failure`)
      t.equal(action(notify, 'delay', takesRequests), delayed, `${name}: delay`)
    }
  }
})
