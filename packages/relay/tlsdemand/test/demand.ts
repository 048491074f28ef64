import t from 'tap'
import { demandBy, type Grounds, parseRules, type Rule } from '../src/index.ts'

const digest = { usage: 3, selector: 1, matching: 1, data: Buffer.alloc(32) }
const found = { kind: 'found', base: 'mx.example.org', records: [digest] } as const
const useless = { ...found, records: [{ ...digest, usage: 1 }] } as const
const enforce = { mode: 'enforce', mx: ['*.example.org'], maxAge: 86_400 } as const

const plain: Grounds = { otherwise: 'may', host: 'mx.example.org', domains: ['example.org'], tlsa: { kind: 'none' } }

function ruled(line: string, more: Partial<Grounds> = {}) {
  return demandBy({ ...plain, rule: parseRules(`:${line}`).of('x') as Rule, ...more })
}

t.test('without a word of anybody, TLS is used if it can be had', async (t) => {
  t.match(demandBy(plain), { tls: 'may', proof: undefined, policy: 'no-policy-found' })
  t.match(demandBy({ ...plain, otherwise: 'none' }), { tls: 'none' })
})

t.test('what the receiver publishes is demanded, also where nothing else would be used', async (t) => {
  for (const otherwise of ['none', 'may'] as const) {
    t.match(demandBy({ ...plain, otherwise, tlsa: found }), {
      tls: 'must',
      by: 'DANE',
      policy: 'tlsa',
      proof: { kind: 'dane', names: ['mx.example.org', 'example.org'], endEntityNames: false },
    })
    t.match(demandBy({ ...plain, otherwise, sts: enforce }), {
      tls: 'must',
      by: 'MTA-STS',
      proof: { kind: 'pkix', names: ['mx.example.org'] },
    })
  }
  t.match(demandBy({ ...plain, sts: enforce, tlsa: found }), { by: 'DANE' })
})

t.test('records that are of no use demand TLS, and verify nothing', async (t) => {
  t.match(demandBy({ ...plain, tlsa: useless }), { tls: 'must', by: 'DANE', proof: undefined })
  t.match(demandBy({ ...plain, tlsa: useless, sts: enforce }), { by: 'MTA-STS' }, 'a policy that can be kept is kept')
})

t.test('a host is left out where its records cannot be had, or its policy does not list it', async (t) => {
  t.match(demandBy({ ...plain, tlsa: { kind: 'trouble' } }), { by: 'DANE', reason: 'the TLSA records cannot be looked up' })
  t.match(demandBy({ ...plain, host: 'mx.example.com', sts: enforce }), {
    by: 'MTA-STS',
    reason: 'mx.example.com is no host of the policy',
  })
})

t.test('a policy that is tested changes nothing', async (t) => {
  const sts = { ...enforce, mode: 'testing' } as const
  t.match(demandBy({ ...plain, sts }), { tls: 'may', policy: 'sts', proof: { kind: 'pkix' } })
  t.match(demandBy({ ...plain, sts, host: 'mx.example.com' }), {
    tls: 'may',
    proof: undefined,
    fault: 'mx.example.com is no host of the policy',
  })
  t.match(demandBy({ ...plain, sts, otherwise: 'none' }), { tls: 'none' })
  t.match(demandBy({ ...plain, sts: { ...enforce, mode: 'none', mx: [] } }), { tls: 'may', policy: 'no-policy-found' })
})

t.test('a line decides against what is published, and never less than it says', async (t) => {
  t.match(ruled('none', { tlsa: found, sts: enforce }), { tls: 'none' })
  t.match(ruled('may', { tlsa: found }), { tls: 'may', proof: undefined })
  t.match(ruled('encrypt:min=1.3', { tlsa: found }), { tls: 'must', minVersion: 'TLSv1.3', by: 'control/tlspolicy line 1' })
  t.match(ruled('opportunistic', { otherwise: 'none' }), { tls: 'may' })
  t.match(ruled('opportunistic', { tlsa: found }), { by: 'DANE' })
  t.match(ruled('dane'), { tls: 'must', proof: undefined })
  t.match(ruled('dane', { tlsa: found }), { proof: { kind: 'dane' } })
  t.match(ruled('dane-only'), { reason: 'the host has no TLSA records of use' })
  t.match(ruled('dane-only', { tlsa: useless, sts: enforce }), { reason: 'the host has no TLSA records of use' })
  t.match(ruled('dane-only:match=a.example', { tlsa: found }), { proof: { names: ['a.example'], endEntityNames: true } })
  t.match(ruled('sts'), { tls: 'must', proof: undefined })
  t.match(ruled('sts', { sts: { ...enforce, mode: 'testing' }, otherwise: 'none' }), { tls: 'must' })
  t.match(ruled('sts', { sts: enforce, host: 'other.example' }), { by: 'MTA-STS', reason: /no host/ })
  t.match(ruled('verify'), { tls: 'must', proof: { kind: 'pkix', names: ['mx.example.org'] } })
  t.match(ruled('verify:match=a.example:ca=control/ca.pem'), { proof: { names: ['a.example'], ca: 'control/ca.pem' } })
  t.match(ruled(`fingerprint:pin=SHA256:${'00'.repeat(32)}`), { tls: 'must', proof: { kind: 'pin' } })
})

t.test("netqmail's files speak of single hosts, and a line overrules them", async (t) => {
  t.match(demandBy({ ...plain, hostFile: 'tlshosts' }), { tls: 'must', proof: { kind: 'pkix', ca: 'control/tlshosts/mx.example.org.pem' } })
  t.match(demandBy({ ...plain, hostFile: 'notlshosts', tlsa: found }), { tls: 'none', by: 'control/notlshosts/mx.example.org' })
  t.match(demandBy({ ...plain, hostFile: 'unlisted' }), { tls: 'none' })
  t.match(demandBy({ ...plain, hostFile: 'unlisted', tlsa: found }), { tls: 'must', by: 'DANE' })
  t.match(ruled('encrypt', { hostFile: 'notlshosts' }), { tls: 'must' })
})
