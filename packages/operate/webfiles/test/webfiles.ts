/** The files, as curl gets them. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { webBodyBytes, webHeaderBytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { bundle, makeCertificate } from '../../../../test/certificates.ts'
import { until } from '../../../../test/support/wait.ts'

const program = join(import.meta.dirname, '../../../../bin/webfiles')
const hasCurl = existsSync('/usr/bin/curl')
const skip = hasCurl ? false : 'no curl here'

interface Running {
  readonly home: string
  readonly port: number
  readonly tlsPort: number
  readonly authority: string
  log(): string
  /** @returns `STATUS TYPE`, and the body */
  get(url: string, ...more: string[]): Promise<{ status: string; body: string }>
  stop(): Promise<number | undefined>
}

async function start(t: Test, control: Record<string, string> = {}): Promise<Running> {
  const home = t.testdir({
    control: { me: 'mail.example.org\n', locals: 'mail.example.org\nexample.org\n', virtualdomains: 'v.example:v\n', ...control },
    made: {},
  })
  const made = join(home, 'made')
  const authority = makeCertificate(made, 'authority')
  const names = ['mta-sts.example.org', 'autoconfig.example.org', 'example.org']
  const file = bundle(made, makeCertificate(made, 'web', { names }, authority))
  writeFileSync(join(home, 'control/servercert.pem'), readFileSync(file), { mode: 0o600 })
  mkdirSync(join(home, 'state/acme/challenges'), { recursive: true })
  const child = execa(program, ['--listen', '127.0.0.1:0', '--listen-tls', '127.0.0.1:0'], {
    env: { YABUMI_HOME: home },
    reject: false,
    buffer: false,
  })
  let log = ''
  child.stderr.on('data', (text: Buffer) => {
    log += text.toString('latin1')
  })
  t.teardown(async () => {
    child.kill('SIGTERM')
    await child
  })
  const port = await until('an address', () => Number(/listening on 127\.0\.0\.1:([0-9]+)\n/.exec(log)?.[1]) || false)
  const tlsPort = await until('an address of TLS', () => Number(/:([0-9]+), TLS at once/.exec(log)?.[1]) || false)
  return {
    home,
    port,
    tlsPort,
    authority: authority.certificate,
    log: () => log,
    get: async (url, ...more) => {
      const { host, protocol, pathname, search } = new URL(url)
      const at = protocol === 'https:' ? tlsPort : port
      const where = ['--connect-to', `${host}:${at}:127.0.0.1:${at}`, '--cacert', authority.certificate]
      const words = ['-sS', '--http1.1', '-w', '\n%{http_code} %{content_type}', ...where, ...more]
      const { stdout, stderr } = await execa('curl', [...words, `${protocol}//${host}:${at}${pathname}${search}`], { reject: false })
      const [body = '', status = stderr] = [stdout.slice(0, stdout.lastIndexOf('\n')), stdout.slice(stdout.lastIndexOf('\n') + 1)]
      return { status: status.trim(), body }
    },
    stop: async () => {
      child.kill('SIGTERM')
      return (await child).exitCode
    },
  }
}

t.test('what an authority wants to see', { skip }, async (t) => {
  const web = await start(t)
  const challenges = join(web.home, 'state/acme/challenges')
  writeFileSync(join(challenges, 'to-ken_1'), 'to-ken_1.thumb')
  writeFileSync(join(web.home, 'secret'), 'secret')
  symlinkSync(join(web.home, 'secret'), join(challenges, 'link'))
  writeFileSync(join(challenges, 'long'), 'x'.repeat(1_025))
  const at = (token: string) => web.get(`http://any.example/.well-known/acme-challenge/${token}`, '--path-as-is')
  t.same(await at('to-ken_1'), { status: '200 application/octet-stream', body: 'to-ken_1.thumb' })
  for (const token of ['', 'none', 'link', 'long', '..', 'a/b', '%2e%2e', 'to-ken_1/']) t.match((await at(token)).status, '404', token)
  const line = /webfiles: 127\.0\.0\.1 [0-9]+: 200: GET=20any\.example:[0-9]+=20\/\.well-known\/acme-challenge\/to-ken_1\n/
  await until('the log has it', () => line.test(web.log()))
})

t.test('the policy, of our domains alone', { skip }, async (t) => {
  const web = await start(t, { stspolicy: 'testing\n' })
  const path = '/.well-known/mta-sts.txt'
  const body = 'version: STSv1\r\nmode: testing\r\nmx: mail.example.org\r\nmax_age: 604800\r\n'
  t.same(await web.get(`https://mta-sts.example.org${path}`), { status: '200 text/plain', body })
  t.same(await web.get(`http://MTA-STS.V.example${path}`), { status: '200 text/plain', body }, 'of a virtual domain')
  for (const host of ['mta-sts.other.example', 'example.org', 'mta-sts.'])
    t.match((await web.get(`http://${host}${path}`)).status, '404', host)
  writeFileSync(join(web.home, 'control/stspolicy'), 'perhaps\n')
  t.equal((await web.get(`https://mta-sts.example.org${path}`)).body, body, 'a bad line leaves the last good one')
  await until('the log names the line', () => web.log().includes('webfiles: control/stspolicy: "perhaps" is not'))
  writeFileSync(join(web.home, 'control/stspolicy'), 'enforce mx.example.net\n')
  t.match((await web.get(`https://mta-sts.example.org${path}`)).body, 'mode: enforce\r\nmx: mx.example.net\r\n')
})

t.test('the settings of mail readers', { skip }, async (t) => {
  const web = await start(t, { mailaccess: 'submissions 465\nimap 143\n' })
  const known = await web.get('https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=anna@example.org')
  t.equal(known.status, '200 text/xml; charset=utf-8')
  t.match(known.body, /<incomingServer type="imap">\s+<hostname>mail\.example\.org<\/hostname>\s+<port>143<\/port>\s+<socketType>STARTTLS</)
  t.match(known.body, /<outgoingServer type="smtp">\s+<hostname>mail\.example\.org<\/hostname>\s+<port>465<\/port>\s+<socketType>SSL</)
  t.same(await web.get('https://example.org/.well-known/autoconfig/mail/config-v1.1.xml'), known)
  t.match((await web.get('http://autoconfig.other.example/mail/config-v1.1.xml')).status, '404')

  const discover = (address: string, path = '/autodiscover/autodiscover.xml') =>
    web.get(`https://example.org${path}`, '-d', `<Autodiscover><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`)
  const anna = await discover('Anna+x@example.org', '/Autodiscover/Autodiscover.xml')
  t.equal(anna.status, '200 text/xml; charset=utf-8')
  t.match(anna.body, '<Type>IMAP</Type><Server>mail.example.org</Server><Port>143</Port><LoginName>Anna+x@example.org</LoginName>')
  t.match(anna.body, '<SSL>off</SSL><Encryption>TLS</Encryption>')
  t.equal(
    (await discover('nobody@example.org')).body,
    anna.body.replaceAll('Anna+x@', 'nobody@'),
    'whether there is such a user shows nowhere',
  )
  for (const address of ['anna@other.example', 'a&b@example.org', 'a b@example.org', '', '@example.org'])
    t.match((await discover(address)).status, '404', address)

  const profile = await web.get('https://example.org/mail.mobileconfig?email=anna@v.example')
  t.equal(profile.status, '200 application/x-apple-aspen-config')
  t.match(profile.body, '<key>EmailAccountType</key><string>EmailTypeIMAP</string>')
  t.match(profile.body, '<key>OutgoingMailServerPortNumber</key><integer>465</integer>')
  t.match((await web.get('https://example.org/mail.mobileconfig?email=a<@v.example')).status, '404')
})

t.test('there is nothing else', { skip }, async (t) => {
  const web = await start(t)
  for (const path of ['/', '/index.html', '/control/me', '/.well-known/', '/.well-known/mta-sts.txt/', '//', '/..;/', '/state/acme'])
    t.match(await web.get(`http://mta-sts.example.org${path}`, '--path-as-is'), { status: /^404 / }, path)
  t.match((await web.get('http://example.org/mail/config-v1.1.xml', '-X', 'DELETE')).status, '404')
  t.match((await web.get('http://autoconfig.example.org/mail/config-v1.1.xml', '-I')).body, '200 OK')
  const big = join(web.home, 'made/body')
  writeFileSync(big, `<EMailAddress>a@example.org</EMailAddress>${'x'.repeat(webBodyBytes)}`)
  t.match((await web.get('http://example.org/autodiscover/autodiscover.xml', '--data-binary', `@${big}`)).status, '404')
  t.not((await web.get('http://example.org/', '-H', `X: ${'y'.repeat(webHeaderBytes)}`)).status.slice(0, 3), '200')
})

t.test('TERM lets go of who says nothing', { skip }, async (t) => {
  const web = await start(t)
  const silent = connect(web.port, '127.0.0.1')
  await new Promise((resolve) => silent.once('connect', resolve))
  t.match((await web.get('http://example.org/')).status, '404')
  const gone = new Promise((resolve) => silent.once('close', resolve))
  t.equal(await web.stop(), 0)
  await gone
})
