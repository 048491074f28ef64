import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { keyRecordOf } from '@yabumi/dkim'
import { execa } from 'execa'
import t from 'tap'
import { bundle, makeCertificate } from '../../../../test/certificates.ts'

const program = join(import.meta.dirname, '../../../../bin/dnsadvice')
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const home = t.testdir({ control: { me: 'mail.example.org\n', acme: 'email a@example.org\n' }, made: {} })
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
  '_submissions._tcp.example.org': one('SRV', { port: 465, target: 'mail.example.org.' }),
  '_imaps._tcp.example.org': one('SRV', { port: 0, target: '.' }),
  '_mta-sts.example.org': text('v=STSv1; id=1'),
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
  'caa-forbids': { 'mail.example.org': [...(right['mail.example.org'] ?? []), ...one('CAA', { tag: 'issue', value: 'other.example' })] },
  'srv-wrong': { '_imaps._tcp.example.org': one('SRV', { port: 993, target: 'imap.provider.example' }) },
  'dns-trouble': { '_dmarc.example.org': [{ type: 'TXT', fail: 'servfail' }] },
}

async function check(zone: Zone, ...more: string[]): Promise<{ codes: string[]; code: number | undefined }> {
  return checkViews([zone], ...more)
}

/** @param views - what each server of the zone has */
async function checkViews(views: readonly Zone[], ...more: string[]): Promise<{ codes: string[]; code: number | undefined }> {
  const files = views.map((zone, index) => {
    const file = join(t.testdirName, `zone${index}.json`)
    writeFileSync(file, JSON.stringify(zone))
    return ['--zone', file]
  })
  const { stdout, exitCode } = await execa(program, ['--check', ...files.flat(), ...more, 'example.org'], {
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

/** A web server of policies. @returns options that name it */
async function policyServer(name: string, policy: string, status = 200): Promise<string[]> {
  const made = join(home, 'made')
  const authority = makeCertificate(made, 'authority')
  const pem = readFileSync(bundle(made, makeCertificate(made, 'web', { names: [name] }, authority)))
  const server = createServer({ key: pem, cert: pem }, (_asked, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(policy)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close().closeAllConnections())
  const { port } = server.address() as { port: number }
  return ['--policies', `127.0.0.1:${port}`, '--cafile', authority.certificate]
}

t.test('the policy is fetched, and named where senders could not use it', async (t) => {
  const policy = (mx: string) => `version: STSv1\nmode: enforce\nmx: ${mx}\nmax_age: 86400\n`
  const name = 'mta-sts.example.org'
  const good = await policyServer(name, policy('*.example.org'))
  t.same(await check(right, ...good), { codes: [], code: 0 })
  t.same(await check(right, ...(await policyServer(name, policy('mx.example.net')))), { codes: ['sts-mx-missing'], code: 2 })
  t.same(await check(right, ...(await policyServer(name, policy('mail.example.org'), 404))), { codes: ['sts-no-server'], code: 2 })
  t.same(await check(right, ...(await policyServer('other.example.org', policy('mail.example.org')))), {
    codes: ['sts-certificate'],
    code: 2,
  })
  t.same(
    await check({ ...right, '_mta-sts.example.org': [] }, '--policies', '127.0.0.1:1'),
    { codes: [], code: 0 },
    'without a record nobody looks',
  )
})

t.test('CAA records that let our authority sign are no fault', async (t) => {
  mkdirSync(join(home, 'state/acme/account'), { recursive: true })
  writeFileSync(join(home, 'state/acme/account/url'), 'https://x.example/acct/1\n')
  t.teardown(() => rmSync(join(home, 'state'), { recursive: true }))
  const advised = await execa(program, ['example.org'], { env: { YABUMI_HOME: home } })
  t.ok(advised.stdout.includes('mail.example.org. IN CAA 0 issue "letsencrypt.org; accounturi=https://x.example/acct/1"\n'))
  const caa = (...values: string[]) => values.flatMap((value) => one('CAA', { tag: 'issue', value }))
  const at = (name: string, ...values: string[]): Zone => ({ ...right, [name]: [...(right[name] ?? []), ...caa(...values)] })
  const org = { ...right, 'example.org': [...(right['example.org'] ?? []), ...caa(';')] }
  for (const zone of [
    at('mail.example.org', 'letsencrypt.org'),
    at('example.org', 'other.example', 'LetsEncrypt.org; accounturi=https://x.example/acct/1; validationmethods=http-01,dns-01'),
    { ...org, 'mail.example.org': [...(right['mail.example.org'] ?? []), ...one('CAA', { tag: 'iodef', value: 'mailto:a@example.org' })] },
  ])
    t.same((await check(zone)).codes, [])
  const ofAnother = at('mail.example.org', 'letsencrypt.org; accounturi=https://x.example/acct/2')
  for (const zone of [org, ofAnother, at('mail.example.org', 'letsencrypt.org; validationmethods=dns-01')])
    t.same((await check(zone)).codes, ['caa-forbids'])
})

t.test('servers of a zone that disagree are named, and so is one that says nothing', async (t) => {
  t.same(await checkViews([right, right]), { codes: [], code: 0 })
  const older: Record<string, Zone> = {
    'example.org': { 'example.org': [...mx, ...text('v=spf1 -all')] },
    's._domainkey.example.org': { 's._domainkey.example.org': [] },
    '_dmarc.example.org': { '_dmarc.example.org': text('v=DMARC1; p=reject') },
    'mail.example.org': { 'mail.example.org': one('A', '192.0.2.1') },
  }
  for (const [name, zone] of Object.entries(older)) {
    t.same(await checkViews([right, { ...right, ...zone }]), { codes: ['servers-disagree'], code: 2 }, name)
  }
  const turned = { ...right, 'example.org': [...(right['example.org'] ?? [])].reverse() }
  t.same(await checkViews([right, turned]), { codes: [], code: 0 }, 'the order says nothing')
  const silent = { ...right, '_dmarc.example.org': [{ type: 'TXT', fail: 'timeout' }] }
  t.same(await checkViews([right, silent]), { codes: ['server-silent'], code: 1 })
})

t.test('--web says the records as forms ask for them', async (t) => {
  const { stdout } = await execa(program, ['--web', 'example.org'], { env: { YABUMI_HOME: home } })
  t.match(stdout, 'Mail for example.org goes to mail.example.org.\nName: @\nType: MX\nPriority: 10\nValue: mail.example.org\n\n')
  t.match(stdout, '\nName: _dmarc\nType: TXT\nValue: v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org\n')
  t.match(stdout, /\nName: s\._domainkey\nType: TXT\nValue: v=DKIM1; k=rsa; p=[A-Za-z0-9+/=]{300,}\n/)
  t.match(stdout, '\nThe provider of the address sets up its name.\nPTR of 192.0.2.1: mail.example.org.\n')
  t.match(stdout, '\nName: _imaps._tcp\nType: SRV\nPriority: 0\nValue: 0 0 .')
  t.notMatch(stdout, /^Value: "/m)
})

t.test('--json says the same for programs', async (t) => {
  const file = join(t.testdirName, 'json-zone.json')
  mkdirSync(t.testdirName, { recursive: true })
  writeFileSync(file, JSON.stringify({ ...right, '_dmarc.example.org': [] }))
  const run = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await execa(program, ['--json', ...args, 'example.org'], { env: { YABUMI_HOME: home }, reject: false })).stdout)
  t.match(await run('--check', '--zone', file), [{ code: 'dmarc-missing', weight: 1, sentence: /./ }])
  t.match(await run(), [{ sentence: 'Mail for example.org goes to mail.example.org.', line: 'example.org. IN MX 10 mail.example.org.' }])
  rmSync(t.testdirName, { recursive: true })
})

t.test('--watch writes to postmaster when something has changed, and only then', async (t) => {
  const watched = t.testdir({ control: { me: 'mail.example.org\n' }, bin: {} })
  writeFileSync(join(watched, 'bin/inject'), '#!/bin/sh\ncat >>sent\n')
  chmodSync(join(watched, 'bin/inject'), 0o755)
  const file = join(watched, 'zone.json')
  const look = async (zone: Zone): Promise<string> => {
    writeFileSync(file, JSON.stringify(zone))
    rmSync(join(watched, 'sent'), { force: true })
    const { exitCode, stdout } = await execa(program, ['--watch', '--zone', file, 'example.org'], { env: { YABUMI_HOME: watched } })
    t.same([exitCode, stdout], [0, ''])
    return existsSync(join(watched, 'sent')) ? readFileSync(join(watched, 'sent'), 'utf8') : ''
  }
  t.equal(await look(right), '')
  const wrong = { ...right, '_dmarc.example.org': [] }
  t.match(await look(wrong), /^To: postmaster\nSubject: The DNS of example\.org\n\ndmarc-missing: .*\n$/m)
  t.equal(await look(wrong), '')
  t.match(await look(right), '\n\nNothing is wrong any more.\n')
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
  t.ok(stdout.endsWith('_imaps._tcp.example.org. IN SRV 0 0 0 .'))
  t.ok(stdout.includes('mail.example.org. IN CAA 0 issue "letsencrypt.org"\n'))
  t.match(stdout, /\ns\._domainkey\.example\.org\. IN TXT \( "v=DKIM1; k=rsa; p=/)
})

t.test('a wrong command line is refused', async (t) => {
  for (const args of [[], ['--check'], ['a.example', 'b.example'], ['no domain'], ['x']]) {
    t.equal((await execa(program, args, { env: { YABUMI_HOME: home }, reject: false })).exitCode, 100, args.join(' '))
  }
})
