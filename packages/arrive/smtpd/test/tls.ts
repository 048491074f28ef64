/** TLS by STARTTLS and at once: what is offered, what is forgotten, what is logged, in both forms of smtpd. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { selfSigned } from '@yabumi/selfsigned'
import t, { type Test } from 'tap'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome, smtpd } from './scratch/home.ts'

const year = 365 * 86_400_000
const certificate = (name = 'test.example', from = Date.now() - year): string =>
  selfSigned(name, { from: new Date(from), until: new Date(from + 2 * year) })
const ehlo = '250-test.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 STARTTLS\r\n'
const plainEhlo = '250-test.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n'
const envelope = 'MAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\n'
const mail = `${envelope}DATA\r\nA: b\r\n\r\nx\r\n.\r\n`

function certified(t: Test, controls: Record<string, string> = {}): ScratchHome {
  return new ScratchHome(t, { 'servercert.pem': certificate(), rcpthosts: 'test.example\n', ...controls })
}

/** With a door for TLS at once, whose port is returned as well. */
async function doors(t: Test, home: ScratchHome, ...args: string[]): Promise<{ server: Resident; port: number; tlsPort: number }> {
  const server = new Resident(t, home, ['--no-ptr', '--listen-tls', '127.0.0.1:0', ...args])
  const port = await server.ready()
  await server.logs(', TLS at once\n')
  return { server, port, tlsPort: Number(/:([0-9]+), TLS at once/.exec(server.log)?.[1]) }
}

t.test('a home without a certificate answers as ever', async (t) => {
  const server = new Resident(t, new ScratchHome(t))
  const client = server.client(await server.ready())
  await client.replies()
  t.equal(await client.ask('EHLO c\r\n'), plainEhlo)
  t.equal(await client.ask('STARTTLS\r\n'), '502 unimplemented (#5.5.1)\r\n')
})

t.test('STARTTLS makes the session secret, and forgets what was said before', async (t) => {
  const home = certified(t)
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  t.equal(await client.ask('EHLO before\r\n'), ehlo)
  t.equal(await client.ask('STARTTLS now\r\n'), '501 STARTTLS takes no argument (#5.5.4)\r\n')
  t.equal(await client.ask('MAIL FROM:<s@x.example>\r\n'), '250 ok\r\n')
  t.equal(await client.ask('StartTLS\r\n'), '220 ready for tls\r\n')
  const { servername } = await client.secure({ servername: 'mail.test.example' })
  t.equal(servername, 'mail.test.example')
  t.equal(await client.ask('RCPT TO:<r@test.example>\r\n'), '503 MAIL first (#5.5.1)\r\n')
  t.equal(await client.ask('EHLO after\r\n'), plainEhlo, 'it is not offered again')
  t.equal(await client.ask('STARTTLS\r\n'), '503 TLS is on already (#5.5.1)\r\n')
  t.match(await client.ask(`${mail}QUIT\r\n`, 5), /250 ok [0-9]+ qp/)
  t.match(
    home.queued()[0]?.message,
    /^Received: from unknown \(HELO after\) \(127\.0\.0\.1\)\n {2}by test\.example with ESMTPS \(TLS1\.3 TLS_[A-Z0-9_]+ sni=mail\.test\.example\); /,
  )
  await client.ending()
  await server.logs(': end: quit')
  t.match(server.log, /\nsmtpd: 127\.0\.0\.1 [0-9]+: tls TLSv1\.3 TLS_[A-Z0-9_]+: mail\.test\.example\n/)
})

t.test('what comes behind STARTTLS in clear ends the session, in one packet or in the next', async (t) => {
  const { server, port } = await doors(t, certified(t))
  const together = server.client(port)
  await together.replies()
  t.equal(await together.ask('EHLO c\r\nSTARTTLS\r\nNOOP\r\n'), ehlo)
  t.equal(await together.ending(), '', 'not even the reply to STARTTLS')
  await server.logs(': plaintext behind STARTTLS, 6 bytes dropped\n')
  const half = server.client(port)
  await half.replies()
  half.send('STARTTLS\r\nN')
  t.equal(await half.ending(), '', 'nor half a command')
  await server.logs(': plaintext behind STARTTLS, 1 bytes dropped\n')
  const later = server.client(port)
  await later.replies()
  await later.ask('STARTTLS\r\n')
  later.send('NOOP\r\n')
  await t.rejects(later.secure(), 'the handshake fails')
  await server.logs(': the TLS handshake failed: ')
})

t.test('TLS at once: no word before it', async (t) => {
  const home = certified(t)
  const { server, tlsPort } = await doors(t, home)
  const client = server.client(tlsPort)
  await client.secure()
  t.equal(await client.replies(), '220 test.example ESMTP\r\n')
  t.equal(await client.ask('EHLO c\r\n'), plainEhlo)
  t.match(await client.ask(`${mail}QUIT\r\n`, 5), /250 ok [0-9]+ qp/)
  t.match(home.queued()[0]?.message, /with ESMTPS \(TLS1\.3 TLS_[A-Z0-9_]+\); /, 'the client named nobody')
  const clear = server.client(tlsPort)
  clear.send('EHLO c\r\n')
  t.notMatch(await clear.ending(), /[0-9]{3}[ -]/, 'a client in clear hears nothing of SMTP')
})

t.test('a client that is too quick under TLS loses nothing', async (t) => {
  const { server, tlsPort } = await doors(t, certified(t))
  const client = server.client(tlsPort)
  const secure = client.secure()
  client.send(`EHLO c\r\n${mail}QUIT\r\n`)
  await secure
  t.match(await client.ending(), /^220 [\s\S]*354 go ahead\r\n250 ok [0-9]+ qp [0-9]+\r\n221 test\.example\r\n$/)
})

t.test('FORCETLS takes mail under TLS only; DISABLETLS offers none', async (t) => {
  const home = certified(t)
  home.control('rules', '127.0.0.2:allow,FORCETLS="1"\n127.0.0.3:allow,DISABLETLS="1"\n:allow\n')
  const { server, port } = await doors(t, home, '--rules', 'control/rules')
  const forced = new Client(t, port, '127.0.0.1', '127.0.0.2')
  await forced.replies()
  t.equal(await forced.ask('MAIL FROM:<s@x.example>\r\n'), '530 Must issue a STARTTLS command first (#5.7.0)\r\n')
  await forced.ask('STARTTLS\r\n')
  await forced.secure()
  t.equal(await forced.ask(envelope, 2), '250 ok\r\n250 ok\r\n')
  const without = new Client(t, port, '127.0.0.1', '127.0.0.3')
  await without.replies()
  t.equal(await without.ask('EHLO c\r\n'), plainEhlo)
  t.equal(await without.ask('STARTTLS\r\n'), '502 unimplemented (#5.5.1)\r\n')
  await server.ends('SIGTERM')
})

t.test('a handshake that does not come is given up; smtpd does not wait for one to leave', async (t) => {
  const { server, port, tlsPort } = await doors(t, certified(t, { timeoutsmtpd: '1\n' }))
  const slow = server.client(tlsPort)
  t.equal(await slow.ending(), '')
  await server.logs('end: dropped for silence')
  const late = server.client(port)
  await late.replies()
  await late.ask('STARTTLS\r\n')
  t.equal(await server.ends('SIGTERM'), 0)
  t.equal(await late.ending(), '', 'no word in clear into a handshake')
})

/** One connection on pipes, under TLS after so much in clear. */
async function underTls(home: ScratchHome, clear: string, input: string, environment: Record<string, string>): Promise<string> {
  const child = spawn(smtpd, [], { env: home.environment(environment), stdio: ['pipe', 'pipe', 'inherit'] })
  const wire = Duplex.from({ readable: child.stdout, writable: child.stdin }).on('error', () => undefined) // the program ends first
  if (clear !== '') {
    wire.write(clear)
    let heard = ''
    while (!heard.endsWith('220 ready for tls\r\n')) heard += ((await once(wire, 'data')) as [Buffer])[0].toString('latin1')
    wire.pause()
  }
  const secure = connect({ socket: wire, rejectUnauthorized: false }).on('error', () => undefined)
  let said = ''
  secure.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  secure.write(input)
  await once(child, 'close')
  t.equal(child.exitCode, 0)
  return said.replace(/250 ok [0-9]+ qp [0-9]+/g, '250 ok N')
}

t.test('one connection on pipes: STARTTLS, and TLS at once with SMTPS', async (t) => {
  const home = certified(t)
  const input = `EHLO c\r\n${mail}QUIT\r\n`
  const replies = `${plainEhlo}250 ok\r\n250 ok\r\n354 go ahead\r\n250 ok N\r\n221 test.example\r\n`
  t.equal(await underTls(home, 'EHLO c\r\nSTARTTLS\r\n', input, {}), replies)
  t.equal(await underTls(home, '', input, { SMTPS: '1' }), `220 test.example ESMTP\r\n${replies}`)
  t.equal(home.queued().length, 2)
  for (const { message } of home.queued()) t.match(message, / with ESMTPS \(TLS1\.3 /)
})

t.test("under ucspi-ssl's sslserver the session is secret already", async (t) => {
  const home = certified(t)
  const environment = { SSL_PROTOCOL: 'TLSv1.2', SSL_CIPHER: 'ECDHE-ECDSA-AES256-GCM-SHA384', FORCETLS: '1' }
  const child = spawn(smtpd, [], { env: home.environment(environment), stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(`EHLO c\r\nSTARTTLS\r\n${mail}QUIT\r\n`)
  let said = ''
  for await (const bytes of child.stdout) said += String(bytes)
  t.match(said, `220 test.example ESMTP\r\n${plainEhlo}503 TLS is on already (#5.5.1)\r\n250 ok\r\n`)
  t.match(home.queued()[0]?.message, / with ESMTPS \(TLS1\.2 ECDHE-ECDSA-AES256-GCM-SHA384\); /)
})

t.test('a certificate for the name that the client asks for, else the usual one', async (t) => {
  const home = certified(t)
  for (const name of ['other.example', '*.wild.example']) {
    mkdirSync(`${home.path}/control/servercerts/${name}`, { recursive: true })
    writeFileSync(`${home.path}/control/servercerts/${name}/servercert.pem`, certificate(name))
  }
  const { server, tlsPort } = await doors(t, home)
  for (const [asked, given] of [
    ['OTHER.example', 'other.example'],
    ['mx.wild.example', '*.wild.example'],
    ['wild.example', 'test.example'],
    ['a.mx.wild.example', 'test.example'],
    ['nobody.example', 'test.example'],
    ['', 'test.example'],
  ] as const) {
    const secure = await server.client(tlsPort).secure({ servername: asked })
    t.equal(secure.getPeerCertificate().subject.CN, given, `asked for ${asked || 'nobody'}`)
  }
})
