import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyRecordOf } from '@yabumi/dkim'
import { execa } from 'execa'
import t from 'tap'

const program = join(import.meta.dirname, '../../../../bin/dnsadvice')
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const home = t.testdir({ control: { me: 'mail.example.org\n' } })
mkdirSync(join(home, 'control/dkim/example.org'), { recursive: true, mode: 0o755 })
writeFileSync(join(home, 'control/dkim/example.org/s.key'), key.export({ format: 'pem', type: 'pkcs8' }) as string, { mode: 0o600 })
writeFileSync(join(home, 'control/dkim/example.org/s.state'), 'active 2026-11-30T22:00:00Z\n', { mode: 0o600 })

const made = spawnSync('openssl', 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.example.org -keyout /dev/null'.split(' '))
writeFileSync(join(home, 'control/servercert.pem'), made.stdout)
const certified = new X509Certificate(made.stdout).publicKey.export({ type: 'spki', format: 'der' })
const own = createHash('sha256').update(certified).digest('hex')
const tlsa = (data: string) => ({ type: 'TLSA', data: { usage: 3, selector: 1, matching: 1, data } })

type Zone = Record<string, readonly unknown[]>
const text = (...texts: string[]) => texts.map((data) => ({ type: 'TXT', data: [data] }))
const one = (type: string, data: unknown) => [{ type, data }]
const v6 = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'

/** Nothing is wrong with it. */
const right: Zone = {
  'example.org': [...one('MX', { preference: 10, exchange: 'mail.example.org' }), ...text('v=spf1 mx -all', 'other=1')],
  'mail.example.org': [...one('A', '192.0.2.1'), ...one('AAAA', '2001:db8::1')],
  '1.2.0.192.in-addr.arpa': one('PTR', 'mail.example.org'),
  [v6]: one('PTR', 'mail.example.org'),
  's._domainkey.example.org': text(keyRecordOf(createPublicKey(key))),
  '_dmarc.example.org': text('v=DMARC1; p=none; rua=mailto:d@example.org,mailto:x@reports.example'),
  'example.org._report._dmarc.reports.example': text('v=DMARC1'),
  '_smtp._tls.example.org': text('v=TLSRPTv1; rua=mailto:tls-reports@example.org'),
  '_25._tcp.mail.example.org': [],
  'autoconfig.example.org': one('CNAME', 'mail.example.org'),
}
const mx = right['example.org']?.slice(0, 1) ?? []
const includes = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`i${i}.example`, text(`v=spf1 include:i${i + 1}.example -all`)]))

/** What is planted, by the code that must be reported, alone. */
const planted: Record<string, Zone> = {
  'mx-missing': {
    'example.org': [...one('MX', { preference: 10, exchange: 'mail.else.example' }), ...text('v=spf1 a:mail.example.org -all')],
  },
  'mx-cname': {
    'example.org': [...mx, ...one('MX', { preference: 20, exchange: 'second.example.org' }), ...text('v=spf1 mx -all')],
    'second.example.org': one('CNAME', 'mail.example.org'),
  },
  'ptr-missing': { '1.2.0.192.in-addr.arpa': [] },
  'ipv6-no-ptr': { [v6]: [] },
  'ptr-unconfirmed': { '1.2.0.192.in-addr.arpa': one('PTR', 'host.provider.example') },
  'spf-missing': { 'example.org': [...mx, ...text('other=1')] },
  'spf-two': { 'example.org': [...mx, ...text('v=spf1 mx -all', 'v=spf1 a -all')] },
  'spf-lookups': { 'example.org': [...mx, ...text('v=spf1 include:i0.example mx -all')], ...includes },
  'spf-not-us': { 'example.org': [...mx, ...text('v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all')] },
  'dkim-missing': { 's._domainkey.example.org': [] },
  'dkim-mismatch': { 's._domainkey.example.org': text('v=DKIM1; k=rsa; p=') },
  'dmarc-missing': { '_dmarc.example.org': [] },
  'dmarc-two': { '_dmarc.example.org': text('v=DMARC1; p=none', 'v=DMARC1; p=reject') },
  'rua-not-granted': { 'example.org._report._dmarc.reports.example': [] },
  'tlsrpt-bad': { '_smtp._tls.example.org': text('v=TLSRPTv1; rua=tls-reports@example.org') },
  'autoconfig-stale': { 'autodiscover.example.org': one('A', '203.0.113.9') },
  'tlsa-unsigned-zone': { '_25._tcp.mail.example.org': [tlsa(own)] },
  'tlsa-stale': { '_25._tcp.mail.example.org': [{ ...tlsa('00'.repeat(32)), secure: true }] },
  'dns-trouble': { '_dmarc.example.org': [{ type: 'TXT', fail: 'servfail' }] },
}

async function check(zone: Zone): Promise<{ codes: string[]; code: number | undefined }> {
  const file = join(t.testdirName, 'zone.json')
  writeFileSync(file, JSON.stringify(zone))
  const { stdout, exitCode } = await execa(program, ['--check', '--zone', file, 'example.org'], {
    env: { YABUMI_HOME: home },
    reject: false,
  })
  return { codes: [...stdout.matchAll(/^([a-z0-9-]+): ./gm)].map(([, name = '']) => name), code: exitCode }
}

t.test('a domain that is set up rightly has no fault', async (t) => {
  t.same(await check(right), { codes: [], code: 0 })
  const signed = { ...right, '_25._tcp.mail.example.org': [{ ...tlsa(own), secure: true }] }
  t.same(await check(signed), { codes: [], code: 0 }, 'with a TLSA record of our key')
  for (const spf of [
    'v=spf1 a:mail.example.org -all',
    'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all',
    'v=spf1 redirect=_spf.example.org',
  ]) {
    const zone = {
      ...right,
      'example.org': [...mx, ...text(spf)],
      '_spf.example.org': text('v=spf1 include:hosts.example ~all'),
      'hosts.example': text('v=spf1 a:mail.example.org/28//64 -all'),
    }
    t.same(await check(zone), { codes: [], code: 0 }, spf)
  }
})

t.test('each fault is named, and no other', async (t) => {
  for (const [code, zone] of Object.entries(planted)) {
    const found = await check({ ...right, ...zone })
    t.same(found.codes, [code])
    t.ok(found.code === 1 || found.code === 2, `${code} ends with ${found.code}`)
  }
})

t.test('the records to publish are those that have no fault', async (t) => {
  const { stdout, exitCode } = await execa(program, ['Example.ORG.'], { env: { YABUMI_HOME: home } })
  t.equal(exitCode, 0)
  for (const line of [
    'example.org. IN MX 10 mail.example.org.',
    'example.org. IN TXT "v=spf1 mx -all"',
    '_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=',
  ])
    t.ok(stdout.includes(line), line)
  t.ok(stdout.includes(`_25._tcp.mail.example.org. IN TLSA 3 1 1 ${own}\n`))
  t.match(stdout, /\ns\._domainkey\.example\.org\. IN TXT \( "v=DKIM1; k=rsa; p=/)
})

t.test('a wrong command line is refused', async (t) => {
  for (const args of [[], ['--check'], ['a.example', 'b.example'], ['no domain'], ['x']]) {
    t.equal((await execa(program, args, { env: { YABUMI_HOME: home }, reject: false })).exitCode, 100, args.join(' '))
  }
})
