/** What MTA-STS does to mail: a web server with policies, a zone, hosts with right and wrong certificates, and the whole system. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startTlsHost } from '../../../packages/relay/smtpclient/test/support/tlshost.ts'
import { bundle, makeCertificate } from '../../certificates.ts'
import { startDnsServer, type Zone } from '../../support/dns-server.ts'
import { ScratchHome } from '../../support/home.ts'
import { until } from '../../support/wait.ts'

/** Policies are fetched from public addresses only; an address of an interface would be ourselves as a mail host. */
const [webAddress, goodAddress, badAddress] = ['203.0.113.1', '127.0.0.2', '127.0.0.3'] as const
execFileSync('ip', ['addr', 'add', `${webAddress}/32`, 'dev', 'lo'])

/** What a domain's policy says, and which host it has. */
const domains = {
  'enforce.example': { mode: 'enforce', mx: '*.enforce.example', host: goodAddress },
  'wrong.example': { mode: 'enforce', mx: 'mx.wrong.example', host: badAddress },
  'unlisted.example': { mode: 'enforce', mx: 'other.unlisted.example', host: goodAddress },
  'testing.example': { mode: 'testing', mx: 'mx.testing.example', host: badAddress },
  'careless.example': { mode: 'testing', mx: 'other.careless.example', host: goodAddress },
  'late.example': { mode: 'enforce', mx: 'mx.late.example', host: goodAddress },
} as const
type Domain = keyof typeof domains
const names = Object.keys(domains) as Domain[]
const lifeSeconds = 604_800
const policyOf = (domain: Domain): string =>
  `version: STSv1\r\nmode: ${domains[domain].mode}\r\nmx: ${domains[domain].mx}\r\nmax_age: ${lifeSeconds}\r\n`

const home = await ScratchHome.make(t, 'joe')
const made = join(home.root, 'made')
mkdirSync(made)
const authority = makeCertificate(made, 'authority')
const certified = (subject: string, hosts: readonly string[]): string =>
  bundle(made, makeCertificate(made, subject, { names: hosts }, authority), authority)
const good = await startTlsHost(
  t,
  {
    bundle: certified(
      'good',
      names.map((name) => `mx.${name}`),
    ),
  },
  goodAddress,
)
const bad = await startTlsHost(t, { bundle: certified('bad', ['mx.elsewhere.example']) }, badAddress)

const pem = readFileSync(
  certified(
    'web',
    names.map((name) => `mta-sts.${name}`),
  ),
  'latin1',
)
const asked: string[] = []
const web = createServer({ key: pem, cert: pem }, ({ headers }, response) => {
  const domain = (headers.host ?? '').replace(/^mta-sts\./, '') as Domain
  asked.push(domain)
  response.writeHead(200, { 'content-type': 'text/plain' }).end(policyOf(domain))
})
const openWeb = (): Promise<void> => new Promise((done) => web.listen(443, webAddress, done))
const closeWeb = (): Promise<unknown> =>
  new Promise((done) => {
    web.close(done)
    web.closeAllConnections()
  })
t.teardown(() => (web.listening ? closeWeb() : undefined))

const zone = (id: string): Zone =>
  Object.assign(
    {},
    ...names.map((name) => ({
      [name]: { MX: [[10, `mx.${name}`]] },
      [`mx.${name}`]: { A: [domains[name].host] },
      [`_mta-sts.${name}`]: { TXT: [`v=STSv1; id=${id};`] },
      [`mta-sts.${name}`]: { A: [webAddress] },
    })),
  )
const dns = await startDnsServer(zone('1'))
t.teardown(() => dns.close())
home.control('resolvers', `${dns.address}\n`)
home.control('cafile', `${authority.certificate}\n`)
home.control('dane', '0\n')
for (const name of ['esmtp', 'mtasts', 'tlsrpt']) home.control(name, '1\n')
home.control('smtproutes', names.map((name) => `${name}::${domains[name].host === goodAddress ? good.port : bad.port}\n`).join(''))

const send = (domain: Domain, subject: string) => home.inject([`x@${domain}`], `Subject: ${subject}\n\nx\n`)
const came = (host: typeof good, subject: string) =>
  until(
    () => `${subject} at its host; the log:\n${running.log}`,
    () => host.messages.find(({ text }) => text.includes(`Subject: ${subject}\n`)),
  )
const kept = (domain: string): string => join(home.directory, 'state/remote/sts', domain)

/** Lines that are kept for reports, of a domain. */
function reported(domain: Domain): string[] {
  const directory = join(home.directory, 'state/remote/tlsrpt')
  const lines = readdirSync(directory).flatMap((name) => readFileSync(join(directory, name), 'latin1').split('\n'))
  return lines.filter((line) => line.startsWith(`${domain} `))
}

/** What tlspolicy and explain say of a domain. */
async function said(t: Test, domain: Domain, words: RegExp): Promise<void> {
  t.match((await home.run('tlspolicy', [domain])).stdout, words)
  t.match((await home.run('explain', [`x@${domain}`])).stdout, words)
}

await openWeb()
let running = await home.supervise()

t.test('a policy in force has mail go to a host that it lists, with a certificate that counts', async (t) => {
  await send('enforce.example', 'right')
  t.equal((await came(good, 'right')).inside, true)
  await running.logs(/rspawn: 127\.0\.0\.2_mx\.enforce\.example:_tls_TLSv1\.3_certificate_for_mx\.enforce\.example_verified/)
  t.same(reported('enforce.example'), ['enforce.example sts mx.enforce.example 127.0.0.2 ok'])
  await said(t, 'enforce.example', /TLS and a certificate for mx\.enforce\.example, by MTA-STS/)
  t.equal(reported('enforce.example').length, 1, 'those who ask report nothing')
})

t.test('a host with a wrong certificate, and one that the policy does not list, get nothing, and the deferral says why', async (t) => {
  await send('wrong.example', 'wrong')
  await running.logs(/deferral: TLS_required_by_MTA-STS_but_not_to_be_had:_its_certificate_is_not_for_mx\.wrong\.example\._\(#4\.7\.5\)/)
  t.same(reported('wrong.example'), ['wrong.example sts mx.wrong.example 127.0.0.3 certificate-host-mismatch'])
  await send('unlisted.example', 'unlisted')
  await running.logs(/deferral: TLS_required_by_MTA-STS_but_not_to_be_had:_mx\.unlisted\.example_is_no_host_of_the_policy\._\(#4\.7\.5\)/)
  t.same(reported('unlisted.example'), ['unlisted.example sts mx.unlisted.example 127.0.0.2 validation-failure'])
  await said(t, 'unlisted.example', /nothing is sent now, by MTA-STS: mx\.unlisted\.example is no host of the policy/)
  t.notOk([...good.messages, ...bad.messages].some(({ text }) => /Subject: (wrong|unlisted)\n/.test(text)))
})

t.test('a policy in testing changes no delivery, and what it would have stopped is kept for reports', async (t) => {
  await send('testing.example', 'tested')
  t.equal((await came(bad, 'tested')).inside, true)
  await running.logs(/mx\.testing\.example:_tls_failed_\(its_certificate_is_not_for_mx\.testing\.example\),_which_nobody_demanded/)
  t.same(reported('testing.example'), ['testing.example sts mx.testing.example 127.0.0.3 certificate-host-mismatch'])
  await send('careless.example', 'careless')
  t.equal((await came(good, 'careless')).inside, true)
  await running.logs(/mx\.careless\.example_is_no_host_of_the_policy\),_which_nobody_demanded/)
  t.same(reported('careless.example'), ['careless.example sts mx.careless.example 127.0.0.2 validation-failure'])
  await said(t, 'careless.example', /TLS if it can be had, though mx\.careless\.example is no host of the policy, by MTA-STS/)
})

t.test('what is kept counts without its server after a restart, and only what is not kept counts for nothing', async (t) => {
  await running.stop()
  await closeWeb()
  running = await home.supervise()
  await send('enforce.example', 'right again')
  t.equal((await came(good, 'right again')).inside, true)
  t.equal(reported('enforce.example').length, 2)
  t.equal(reported('enforce.example')[1], reported('enforce.example')[0])
  await send('wrong.example', 'wrong again')
  await running.logs(/TLS_required_by_MTA-STS_but_not_to_be_had:_its_certificate_is_not_for_mx\.wrong\.example/)
  await send('late.example', 'late')
  await came(good, 'late')
  await running.logs(/mx\.late\.example:_tls_failed_\(MTA-STS:_ECONNREFUSED\),_which_nobody_demanded/)
  t.match(reported('late.example')[0], /^late\.example sts mx\.late\.example 127\.0\.0\.2 sts-policy-fetch-error$/)
  await said(t, 'late.example', /MTA-STS: ECONNREFUSED/)
})

t.test('policies in use are fetched anew while nothing is sent; those that cannot be count on, and the log says until when', async (t) => {
  await running.stop()
  const half = Math.floor(Date.now() / 1000 - lifeSeconds * 0.6)
  for (const domain of ['enforce.example', 'wrong.example']) {
    const [, ...policy] = readFileSync(kept(domain), 'latin1').split('\n')
    const { mtimeMs } = statSync(kept(domain))
    writeFileSync(kept(domain), `${half} 1\n${policy.join('\n')}`, 'latin1')
    utimesSync(kept(domain), mtimeMs / 1000, mtimeMs / 1000)
  }
  running = await home.supervise()
  await running.logs(/rspawn: mta-sts: enforce\.example:_ECONNREFUSED;_the_policy_that_is_kept_counts_until_\d{4}-/)
  t.match(readFileSync(kept('enforce.example'), 'latin1'), new RegExp(`^${half} 1\n`))
  await running.stop()
  await openWeb()
  running = await home.supervise()
  await until('both are fetched', () =>
    ['enforce.example', 'wrong.example'].every((domain) => !readFileSync(kept(domain), 'latin1').startsWith(`${half} `)),
  )
})

t.test('the authorities of control/cafile alone vouch for a web server', async (t) => {
  home.control('cafile', undefined)
  await home.run('tlspolicy', ['--flush', 'late.example'])
  const { stdout } = await home.run('tlspolicy', ['late.example'])
  t.match(stdout, /TLS if it can be had, by default\nMTA-STS: (UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)\n/)
  home.control('cafile', 'nowhere.pem\n')
  t.match(await home.run('tlspolicy', ['late.example'], { reject: false }), { exitCode: 111, stderr: /unable to read nowhere\.pem/ })
})
