/** What a sender demands of hosts on the way: REQUIRETLS (RFC 8689), DELIVERBY (RFC 2852), MT-PRIORITY (RFC 6710). */
import { writeFileSync } from 'node:fs'
import { checkedFacts } from '@yabumi/facts'
import t, { type Test } from 'tap'
import { manners } from '../../../../test/support/host.ts'
import { demandedParameters } from '../src/demands.ts'
import { attempt, makeHome } from './support/attempt.ts'

makeHome(t)
writeFileSync('control/esmtp', '1\n')
const now = Math.floor(Date.now() / 1000)

async function said(t: Test, facts: string) {
  const host = manners((line) => (line.startsWith('EHLO') ? '250-host\r\n250-REQUIRETLS\r\n250 8BITMIME' : undefined))
  const { reports, wires } = await attempt(t, host, { facts: checkedFacts(facts) })
  return { reports, wire: wires.join('') }
}

t.test('a message that demands TLS is never said in clear, whatever the host offers, and fails for good', async (t) => {
  const { reports, wire } = await said(t, 'v1 REQUIRETLS=1')
  t.match(reports, [/^D127\.0\.0\.1 has no TLS, .*\(#5\.7\.10\)\n$/])
  t.equal(wire, 'EHLO test.example\r\nQUIT\r\n')
})

t.test('a host without DELIVERBY gets what may be late, and not what is to come back', async (t) => {
  t.match((await said(t, `v1 BY=${now + 600};R`)).reports, [/^D127\.0\.0\.1 .*\(DELIVERBY\)\. \(#5\.4\.7\)\n$/])
  const late = await said(t, `v1 BY=${now + 600};N`)
  t.match(late.reports, [/^r$/, /^K/])
  t.notMatch(late.wire, 'BY=')
})

t.test('a host is told what it has offered to hear, and the seconds that are left', async (t) => {
  const host = (keywords: Record<string, string>, shown = '{}') => ({
    capabilities: new Map(Object.entries(keywords)),
    address: '192.0.2.1',
    shown,
  })
  const facts = checkedFacts(`v1 BY=${now + 600};RT PRIORITY=-3 REQUIRETLS=1`).message
  const able = { DELIVERBY: '60', 'MT-PRIORITY': '', REQUIRETLS: '' }
  t.match(demandedParameters(facts, host(able)), /^ REQUIRETLS BY=(?:600|59\d);RT MT-PRIORITY=-3$/)
  t.match(demandedParameters(facts, host(able, '')), { report: /#5\.7\.30/, elsewhere: true }, 'the host has not shown who it is')
  t.match(demandedParameters(facts, host({ DELIVERBY: '60' })), { report: /#5\.7\.30/ })
  t.match(demandedParameters(facts, host({ ...able, DELIVERBY: '700' })), { report: /#5\.4\.7/ }, 'less than the host takes')
})
