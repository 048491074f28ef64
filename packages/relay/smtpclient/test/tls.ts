/** TLS to other hosts, as it is demanded: what goes out in clear, what does not, and what is reported. */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { noFacts } from '@yabumi/facts'
import t, { type Test } from 'tap'
import { bundle, makeCertificate, read } from '../../../../test/certificates.ts'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { currentSettings, deliver, demandsKey, reportOfError } from '../src/index.ts'
import { makeHome, text } from './support/attempt.ts'
import { type Manners, startTlsHost, type TlsHost } from './support/tlshost.ts'

makeHome(t)
mkdirSync('made')
const authority = makeCertificate('made', 'authority')
const good = makeCertificate('made', 'mx', { names: ['mx.example', 'mx2.example'] }, authority)
const stranger = makeCertificate('made', 'stranger', { names: ['mx.example'] })
const goodBundle = bundle('made', good, authority)
const strangersBundle = bundle('made', stranger)
const dns = await startDnsServer({ 'mx.example': { A: ['127.0.0.1'] }, 'mx2.example': { A: ['127.0.0.1'] } })
t.teardown(() => dns.close())
writeFileSync('control/resolvers', `${dns.address}\n`)

/** The control files that matter here: no other is there. */
function settle(files: Readonly<Record<string, string>>): void {
  for (const name of ['esmtp', 'tlspolicy', 'cafile', 'tlshosts', 'notlshosts', 'dane'])
    rmSync(`control/${name}`, { recursive: true, force: true })
  for (const [name, content] of Object.entries(files)) {
    if (name.includes('/')) mkdirSync(`control/${name.split('/')[0]}`, { recursive: true })
    writeFileSync(`control/${name}`, content)
  }
}

async function send(port: number, host = 'h.example', relay = 'mx.example', login = ''): Promise<string> {
  writeFileSync('control/smtproutes', `:${relay}:${port}${login}\n`)
  writeFileSync('message', text, 'latin1')
  const reports = await deliver(
    { host, sender: 's@x.example', recipients: [`r@${host}`], facts: noFacts, fd: openSync('message', 'r') },
    currentSettings(),
  )
  return reports.at(-1) as string
}

async function attempt(t: Test, manners: Manners, files: Readonly<Record<string, string>>): Promise<{ host: TlsHost; report: string }> {
  const host = await startTlsHost(t, manners)
  settle(files)
  return { host, report: await send(host.port) }
}

const encrypt = { tlspolicy: ':encrypt\n' }
const may = { esmtp: '1\n' }
const inside = (host: TlsHost): boolean[] => host.messages.map((message) => message.inside)
const clear = (host: TlsHost): string[] => host.connections.flatMap((each) => each.clear.map((line) => line.split(' ')[0] as string))

t.test('an old home says HELO, and asks for no TLS', async (t) => {
  const { host, report } = await attempt(t, { bundle: goodBundle }, {})
  t.match(report, /^K/)
  t.same(inside(host), [false])
  t.equal(host.connections[0]?.clear[0], 'HELO test.example')
})

t.test('TLS is used where it can be had: what is said after it counts alone', async (t) => {
  const { host, report } = await attempt(t, { bundle: strangersBundle }, may)
  t.match(report, /^K/)
  t.same(inside(host), [true])
  t.same(host.connections[0]?.clear, ['EHLO test.example', 'STARTTLS'])
  t.equal(host.connections[0]?.inside[0], 'EHLO test.example')
  t.equal(host.connections[0]?.servername, 'mx.example')
})

t.test('without TLS at the host, mail goes in clear unless it is demanded', async (t) => {
  const without: readonly [string, Manners][] = [
    ['not offered', {}],
    ['refused for good', { ehlo: ['STARTTLS'], starttls: '502 no' }],
    ['refused for now', { ehlo: ['starttls'], starttls: '454 not now' }],
    ['no EHLO', { ehloReply: '502 what?' }],
  ]
  for (const [what, manners] of without) {
    const opportunistic = await attempt(t, manners, may)
    t.match(opportunistic.report, /^K/, what)
    t.same(inside(opportunistic.host), [false], what)
    const strict = await attempt(t, manners, encrypt)
    t.match(strict.report, /^ZTLS required by control\/tlspolicy line 1 but not to be had: the host .*\. \(#4\.7\.5\)\n$/, what)
    t.same(inside(strict.host), [], what)
    t.notOk(
      clear(strict.host).some((word) => !/^(EHLO|HELO|STARTTLS|QUIT)$/.test(word)),
      what,
    )
  }
})

t.test('an answer that is none ends the connection', async (t) => {
  for (const files of [may, encrypt]) {
    const { host, report } = await attempt(t, { ehlo: ['STARTTLS'], starttls: '354 do something else' }, files)
    t.match(report, /^ZConnected to 127\.0\.0\.1 but it is out of step/)
    t.same(inside(host), [])
  }
})

t.test('what comes in clear with the reply to STARTTLS counts for nothing, and ends the connection', async (t) => {
  for (const files of [may, encrypt]) {
    const { host, report } = await attempt(t, { bundle: goodBundle, injected: '250-host\r\n250 AUTH PLAIN\r\n' }, files)
    t.match(report, /^ZConnected to 127\.0\.0\.1 but it is out of step: plaintext behind STARTTLS/)
    t.same(inside(host), [])
  }
})

t.test(
  'a handshake that fails is followed by a connection in clear at once, and by none for a while; but never where TLS is demanded',
  async (t) => {
    const { host, report } = await attempt(t, { ehlo: ['STARTTLS'], garbage: true }, may)
    t.match(report, /^K/)
    t.same(inside(host), [false])
    t.equal(host.connections.length, 2)
    t.match(await send(host.port), /^K/)
    t.equal(host.connections.length, 3)
    t.same(host.connections[2]?.clear.slice(0, 2), ['EHLO test.example', 'MAIL FROM:<s@x.example>'])
    settle(encrypt)
    t.match(await send(host.port), /^ZTLS required by .* but not to be had: .*\(#4\.7\.5\)/)
    t.equal(host.messages.length, 2)
  },
)

t.test('a certificate that is demanded must be for the host, by an authority that counts', async (t) => {
  const verify = (options = ''): Record<string, string> => ({ tlspolicy: `:verify:ca=${authority.certificate}${options}\n` })
  const trusted = await attempt(t, { bundle: goodBundle }, verify())
  t.match(trusted.report, /^K/)
  t.same(inside(trusted.host), [true])
  for (const [what, file, files, reason] of [
    ['of a stranger', strangersBundle, verify(), 'cannot be trusted'],
    ['of an authority that does not count', goodBundle, { tlspolicy: ':verify\n' }, 'cannot be trusted'],
    ['for another name', goodBundle, verify(':match=other.example'), 'is not for other.example'],
  ] as const) {
    const { host, report } = await attempt(t, { bundle: file }, files)
    t.match(
      report,
      new RegExp(`^ZTLS required by control/tlspolicy line 1 but not to be had: its certificate ${reason}.*\\(#4\\.7\\.5\\)`),
      what,
    )
    t.same(inside(host), [], what)
  }
  t.match(
    (await attempt(t, { bundle: goodBundle }, { cafile: `${authority.certificate}\n`, tlspolicy: ':verify\n' })).report,
    /^K/,
    'cafile',
  )
  const missing = await attempt(t, { bundle: goodBundle }, { tlspolicy: ':verify:ca=control/missing.pem\n' })
  t.equal(missing.report, 'ZUnable to read control files. (#4.3.0)\n')
  t.same(inside(missing.host), [])
})

t.test('a fingerprint is that of the certificate or of the key', async (t) => {
  const pin = read(good).fingerprint256
  t.match((await attempt(t, { bundle: goodBundle }, { tlspolicy: `:fingerprint:pin=SHA256:${pin}\n` })).report, /^K/)
  const wrong = await attempt(t, { bundle: strangersBundle }, { tlspolicy: `:fingerprint:pin=SHA256:${pin}\n` })
  t.match(wrong.report, /has that fingerprint\. \(#4\.7\.5\)/)
  t.same(inside(wrong.host), [])
})

t.test('a line that cannot be understood defers what it names, and nothing else', async (t) => {
  const { host, report } = await attempt(t, { bundle: goodBundle }, { tlspolicy: 'h.example:strong\n' })
  t.equal(report, 'ZUnable to tell which TLS is demanded: control/tlspolicy line 1: no level is called strong. (#4.3.5)\n')
  t.equal(host.connections.length, 0)
  t.match(await send(host.port, 'other.example'), /^K/)
})

t.test("netqmail's files say what single hosts must and must not have", async (t) => {
  const pem = readFileSync(authority.certificate, 'latin1')
  t.same(inside((await attempt(t, { bundle: goodBundle }, { 'tlshosts/mx.example.pem': pem })).host), [true])
  const wrong = await attempt(t, { bundle: strangersBundle }, { 'tlshosts/mx.example.pem': pem })
  t.match(wrong.report, /^ZTLS required by control\/tlshosts\/mx\.example\.pem but not to be had/)
  t.same(inside((await attempt(t, { bundle: goodBundle }, { ...may, 'notlshosts/mx.example': '' })).host), [false])
})

t.test('port 465 is TLS from the first byte', async (t) => {
  let host: TlsHost
  try {
    host = await startTlsHost(t, { bundle: goodBundle, atOnce: true }, '127.0.0.4', 465)
  } catch (error) {
    return void t.comment(`not seen: port 465 cannot be had (${(error as Error).message})`)
  }
  settle({})
  t.match(await send(465, 'h.example', '[127.0.0.4]'), /^K/)
  t.same(inside(host), [true])
  t.same(host.connections[0]?.clear, [])
  settle({ tlspolicy: ':verify:match=other.example:port=465\n' })
  t.match(await send(25, 'h.example', '[127.0.0.4]'), /^ZTLS required by control\/tlspolicy line 1 but not to be had/)
})

t.test('the next host is tried where one has no TLS that fits, or greets with a refusal', async (t) => {
  dns.setZone({
    'two.example': {
      MX: [
        [10, 'mx.example'],
        [20, 'mx2.example'],
      ],
    },
    'mx.example': { A: ['127.0.0.2'] },
    'mx2.example': { A: ['127.0.0.3'] },
  })
  for (const manners of [{}, { greeting: '421 later' }, { greeting: '554 no' }, { bundle: strangersBundle }] as const) {
    const second = await startTlsHost(t, { bundle: goodBundle }, '127.0.0.3')
    const first = await startTlsHost(t, manners, '127.0.0.2', second.port)
    settle({ tlspolicy: `two.example:verify:ca=${authority.certificate}\n` })
    t.match(await send(second.port, 'two.example', ''), /^K127\.0\.0\.3 /, JSON.stringify(manners))
    t.same([inside(first), inside(second)], [[], [true]])
  }
})

t.test('TLSA records that a trusted server has verified decide, and trouble with them leaves the host out', async (t) => {
  const key = createHash('sha256')
    .update(read(good).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  const signed = { secure: true } as const
  const zone = (tlsa: Zone[string]): Zone => ({
    'dane.example': { ...signed, MX: [[10, 'mx.dane.example']] },
    'mx.dane.example': { ...signed, A: ['127.0.0.2'] },
    [`_${host.port}._tcp.mx.dane.example`]: tlsa,
  })
  const host = await startTlsHost(t, { bundle: goodBundle }, '127.0.0.2')
  const clearHost = await startTlsHost(t, {}, '127.0.0.2')
  settle({ ...may, dane: '1\n' })
  dns.setZone(zone({ ...signed, TLSA: [[3, 1, 1, key]] }))
  t.match(await send(host.port, 'dane.example', ''), /^K/)
  t.same(inside(host), [true])
  dns.setZone(zone({ ...signed, TLSA: [[3, 1, 1, '00'.repeat(32)]] }))
  t.match(
    await send(host.port, 'dane.example', ''),
    /^ZTLS required by DANE but not to be had: its certificate fits none of 1 TLSA records\. \(#4\.7\.5\)/,
  )
  dns.setZone(zone({ ...signed, TLSA: [[1, 1, 1, key]] }))
  t.match(await send(host.port, 'dane.example', ''), /^K/, 'none of use: TLS, and nothing is verified')
  dns.setZone(zone('SERVFAIL'))
  t.match(
    await send(host.port, 'dane.example', ''),
    /^ZTLS required by DANE but not to be had: the TLSA records cannot be looked up\. \(#4\.7\.5\)/,
  )
  dns.setZone(zone({ TLSA: [[3, 1, 1, '00'.repeat(32)]] }))
  t.match(await send(host.port, 'dane.example', ''), /^K/, 'what is not verified counts for nothing')
  t.same(inside(host), [true, true, true])
  dns.setZone({ ...zone({}), [`_${clearHost.port}._tcp.mx.dane.example`]: { ...signed, TLSA: [[3, 1, 1, key]] } })
  t.match(await send(clearHost.port, 'dane.example', ''), /^ZTLS required by DANE/)
  t.same(inside(clearHost), [])
})

t.test('a relay hears who we are over TLS that is verified, and only there', async (t) => {
  dns.setZone({ 'mx.example': { A: ['127.0.0.1'] } })
  const plain = Buffer.from('\0me\0secret').toString('base64')
  const relayed = (answer: string): Manners => ({
    bundle: goodBundle,
    ehloInside: ['AUTH PLAIN LOGIN'],
    answer: (line, isInside) => (line.startsWith('AUTH') ? (isInside && line === `AUTH PLAIN ${plain}` ? answer : '535 no') : undefined),
  })
  const files = { cafile: `${authority.certificate}\n` }
  const sendAs = async (host: TlsHost, route: string): Promise<string> => send(host.port, 'h.example', 'mx.example', route)
  const host = await startTlsHost(t, relayed('235 welcome'))
  settle(files)
  t.match(await sendAs(host, '|me|secret'), /^K/)
  t.same(inside(host), [true])
  t.notOk(clear(host).includes('AUTH'))
  writeFileSync('control/routepasswords', '# ours\nMX.example|me|secret\n', { mode: 0o600 })
  t.match(await sendAs(host, ''), /^K/, 'control/routepasswords')
  t.equal(host.messages.length, 2)
  chmodSync('control/routepasswords', 0o644)
  await t.rejects(sendAs(host, ''), { message: /readable by everybody/ })
  rmSync('control/routepasswords')
  const refusing = await startTlsHost(t, relayed('535 wrong'))
  t.match(
    await sendAs(refusing, '|me|secret'),
    /^ZConnected to 127\.0\.0\.1 but the login was refused\. \(#4\.7\.8\)\nRemote host said: 535 wrong/,
  )
  t.same(inside(refusing), [])
  const unknown = await startTlsHost(t, { ...relayed('235 welcome'), bundle: strangersBundle })
  t.match(await sendAs(unknown, '|me|secret'), /^ZTLS required by the login at mx\.example but not to be had/)
  t.same(
    unknown.connections.flatMap((each) => [...each.clear, ...each.inside]).filter((line) => line.startsWith('AUTH')),
    [],
  )
  t.match(await sendAs(unknown, '|me|secret|plain'), /^K/, 'the operator does not mind')
})

t.test('a relay hears a token of OAuth, and one that cannot be had, or is refused, defers', async (t) => {
  dns.setZone({ 'mx.example': { A: ['127.0.0.1'] } })
  const bearer = Buffer.from('n,a=joe@x.example,\x01auth=Bearer ya29.token\x01\x01').toString('base64')
  const refusal = Buffer.from('{"status":"invalid_token"}').toString('base64')
  const said: string[] = []
  const host = await startTlsHost(t, {
    bundle: goodBundle,
    ehloInside: ['AUTH PLAIN XOAUTH2 OAUTHBEARER'],
    answer: (line, isInside) => {
      if (!isInside || /^(EHLO|MAIL|RCPT|DATA|QUIT|RSET)/.test(line)) return undefined
      said.push(line)
      if (line.startsWith('AUTH')) return line === `AUTH OAUTHBEARER ${bearer}` ? '235 welcome' : `334 ${refusal}`
      return line === 'AQ==' ? '535 no' : undefined
    },
  })
  settle({ cafile: `${authority.certificate}\n` })
  writeFileSync('control/tokens', 'ya29.token\n', { mode: 0o600 })
  const route = '|joe@x.example|oauth:control/tokens'
  t.match(await send(host.port, 'h.example', 'mx.example', route), /^K/)
  writeFileSync('control/tokens', 'ya29.old\n')
  t.match(
    await send(host.port, 'h.example', 'mx.example', route),
    /^ZConnected to 127\.0\.0\.1 but the login was refused\. \(#4\.7\.8\)\n.*535 no/,
  )
  t.ok(said.includes('AQ=='), 'its refusal is answered (RFC 7628 §3.2.3)')
  rmSync('control/tokens')
  t.match(
    await send(host.port, 'h.example', 'mx.example', route),
    /^ZConnected to 127\.0\.0\.1 but could not log in: control\/tokens: file does not exist\. \(#4\.7\.8\)\n$/,
  )
  t.equal(host.messages.length, 1)
})

t.test('a sender has a relay of his own, with his login', async (t) => {
  const host = await startTlsHost(t, {
    bundle: goodBundle,
    ehloInside: ['AUTH PLAIN'],
    answer: (line) => (line === `AUTH PLAIN ${Buffer.from('\0me\0secret').toString('base64')}` ? '235 welcome' : undefined),
  })
  settle({ cafile: `${authority.certificate}\n` })
  writeFileSync('control/authsenders', `s@x.example:mx.example:${host.port}|me|secret\n`, { mode: 0o600 })
  t.match(await send(1), /^K/, 'not by smtproutes')
  t.ok(host.connections[0]?.inside.some((line) => line.startsWith('AUTH PLAIN')))
  rmSync('control/authsenders')
})

t.test('a directory of hosts that cannot be read is reported, and nothing goes out', async (t) => {
  const host = await startTlsHost(t, { bundle: goodBundle })
  settle({ tlshosts: 'a file' })
  t.equal(demandsKey('h.example', { protocol: 'smtp', host: 'mx.example', port: host.port, relay: true }), '')
  const error = await send(host.port).catch((error: unknown) => error)
  t.equal(reportOfError(error), 'ZUnable to read control files. (#4.3.0)\n')
  t.equal(host.connections.length, 0)
})
