import { chmodSync, chownSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectPlain, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { certificateBytes, certificateNames, tlsBindingBytes, tlsHandshakesPerMinute, tlsTicketHours } from '@yabumi/limits'
import { selfSigned } from '@yabumi/selfsigned'
import t, { type Test } from 'tap'
import { HandshakeRate } from '../src/rate.ts'
import { type Beginning, ServerTls } from '../src/servertls.ts'

const day = 86_400_000
const certified = (name: string, until = Date.now() + 90 * day): string =>
  selfSigned(name, { from: new Date(until - 180 * day), until: new Date(until) })

/** A home with control/, in which this process is from now on. */
class Home {
  readonly path: string
  readonly lines: string[] = []

  constructor(t: Test) {
    this.path = mkdtempSync(join(tmpdir(), 'tlsfiles-'))
    process.chdir(this.path)
    t.teardown(() => {
      process.chdir('/')
      rmSync(this.path, { recursive: true })
    })
    mkdirSync('control')
    this.write('control/me', 'mail.example.org\n')
  }

  /** Replaces the file, as every careful program does. */
  write(path: string, text: string): void {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  tls(environment: Record<string, string> = {}): ServerTls {
    return new ServerTls(new Map(Object.entries(environment)), (line) => this.lines.push(line))
  }

  /** What was logged since the last look. */
  look(): string[] {
    return this.lines.splice(0)
  }
}

/** A connection on loopback: our side, and a client's. */
async function pair(t: Test, tls: ServerTls, client: (port: number) => Socket, seconds?: number): Promise<[Beginning, Socket]> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const begun = new Promise<Beginning>((resolve) => {
    server.once('connection', (socket) => {
      server.close()
      const beginning = tls.begin(
        socket.on('error', () => undefined),
        seconds,
      )
      beginning.socket.on('error', () => undefined)
      t.teardown(() => beginning.socket.destroy())
      resolve(beginning)
    })
  })
  const other = client((server.address() as { port: number }).port).on('error', () => undefined)
  t.teardown(() => other.destroy())
  return [await begun, other]
}

const secure =
  (options: ConnectionOptions = {}) =>
  (port: number): Socket =>
    connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })

/** The name in the certificate that a client gets. */
async function nameGiven(t: Test, tls: ServerTls, servername = ''): Promise<string> {
  const [{ outcome }, client] = await pair(t, tls, secure({ servername }))
  const agreed = await outcome
  if (typeof agreed === 'string') return agreed
  return String((client as TLSSocket).getPeerCertificate().subject.CN)
}

t.test('without a certificate there is no TLS; with one there is, and it goes with its file', async (t) => {
  const home = new Home(t)
  const tls = home.tls()
  t.equal(tls.isAvailable, false)
  home.write('control/servercert.pem', certified('a.example'))
  tls.reread()
  t.equal(tls.isAvailable, true)
  t.equal(await nameGiven(t, tls), 'a.example')
  rmSync('control/servercert.pem')
  tls.reread()
  t.equal(tls.isAvailable, false)
  t.same(home.look(), [])
})

t.test('who names nobody gets the certificate of control/me, of control/, or the first one by name', async (t) => {
  const home = new Home(t)
  const tls = home.tls()
  home.write('control/servercerts/z.example/servercert.pem', certified('z.example'))
  home.write('state/acme/b.example/servercert.pem', certified('b.example'))
  tls.reread()
  t.equal(await nameGiven(t, tls), 'b.example')
  home.write('control/servercert.pem', certified('plain.example'))
  tls.reread()
  t.equal(await nameGiven(t, tls), 'plain.example')
  home.write('state/acme/mail.example.org/servercert.pem', certified('of acme'))
  tls.reread()
  t.equal(await nameGiven(t, tls), 'of acme')
  home.write('control/servercerts/Mail.Example.Org/servercert.pem', certified('of the operator'))
  tls.reread()
  t.equal(await nameGiven(t, tls), 'of the operator')
  t.equal(await nameGiven(t, tls, 'B.EXAMPLE'), 'b.example')
})

t.test('a new certificate counts for the sessions to come; a bad one leaves the last good one and is named', async (t) => {
  const home = new Home(t)
  const good = certified('good.example', Date.parse('2033-05-06T00:00:00Z'))
  const at = good.indexOf('-----BEGIN CERT')
  home.write('control/servercert.pem', good)
  const tls = home.tls()
  const bad: [string, () => void, RegExp][] = [
    ['a torn file', () => home.write('control/servercert.pem', good.slice(0, -100)), /breaks off in the middle of a CERTIFICATE/],
    ['a key without certificate', () => home.write('control/servercert.pem', good.slice(0, at)), /there is no certificate in it/],
    ['a certificate without key', () => home.write('control/servercert.pem', good.slice(at)), /there is no key for it/],
    ['an empty file', () => home.write('control/servercert.pem', ''), /there is no certificate in it/],
    [
      'a key of another certificate',
      () => home.write('control/servercert.pem', certified('x.example').slice(0, at) + good.slice(at)),
      /the key does not match/,
    ],
    [
      'the same, apart',
      () => {
        home.write('control/servercert.pem', good.slice(at))
        home.write('control/serverkey.pem', certified('x.example').slice(0, at))
      },
      /the key does not match/,
    ],
    ['a longer file', () => home.write('control/servercert.pem', good + '#'.repeat(certificateBytes)), /longer than 65536 bytes/],
    [
      'a link',
      () => {
        home.write('control/elsewhere', good)
        rmSync('control/servercert.pem')
        symlinkSync('elsewhere', 'control/servercert.pem')
      },
      /is a link/,
    ],
  ]
  for (const [what, spoil, said] of bad) {
    spoil()
    tls.reread()
    tls.reread()
    t.equal(await nameGiven(t, tls), 'good.example', what)
    const lines = home.look()
    t.equal(lines.length, 1, `${what}: once an hour`)
    t.match(lines[0], said)
    t.match(lines[0], /^control\/servercert\.pem: .*, keeping the one that expires 2033-05-06$/)
    rmSync('control/serverkey.pem', { force: true })
    home.write('control/servercert.pem', good)
    tls.reread()
  }
  home.write('control/servercert.pem', certified('next.example'))
  tls.reread()
  t.equal(await nameGiven(t, tls), 'next.example')
  t.same(home.look(), [])
})

t.test('the key may stand in a file of its own', async (t) => {
  const home = new Home(t)
  const pem = certified('a.example')
  const at = pem.indexOf('-----BEGIN CERT')
  home.write('control/servercert.pem', pem.slice(at))
  chmodSync('control/servercert.pem', 0o644)
  home.write('control/serverkey.pem', pem.slice(0, at))
  t.equal(await nameGiven(t, home.tls()), 'a.example')
  t.same(home.look(), [], 'everybody may read the certificate')
})

t.test('who may read a key, and when a certificate ends, is said once a day', async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example', Date.now() - day))
  chmodSync('control/servercert.pem', 0o644)
  const tls = home.tls()
  tls.reread()
  const date = new Date(Date.now() - day).toISOString().slice(0, 10)
  t.same(home.look(), [
    `control/servercert.pem: it has expired on ${date}`,
    'control/servercert.pem: everybody on this host may read the key; chmod o-r it',
  ])
  t.equal(tls.isAvailable, true, 'better than none')
})

t.test("somebody else's file does not count", { skip: process.getuid?.() !== 0 && 'only root gives files away' }, async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example'))
  chownSync('control/servercert.pem', 60_001, 60_001)
  t.equal(home.tls().isAvailable, false)
  t.same(home.look(), ['control/servercert.pem: it belongs to uid 60001, who has no say here'])
})

t.test('a directory below control/ may be no link, and a FIFO holds nobody up', async (t) => {
  const home = new Home(t)
  home.write('elsewhere/servercert.pem', certified('b.example'))
  mkdirSync('control/servercerts')
  symlinkSync('../../elsewhere', 'control/servercerts/b.example')
  t.equal(home.tls().isAvailable, false)
  t.match(home.look(), [/^control\/servercerts\/b\.example\/servercert\.pem: it is a link, or something on the way to it is/])
})

t.test('netqmail files of parameters are named, and not used', async (t) => {
  const home = new Home(t)
  for (const name of ['dh4096.pem', 'rsa2048.pem']) home.write(`control/${name}`, '')
  home.tls()
  t.same(home.look(), ['control/dh4096.pem is not used', 'control/rsa2048.pem is not used'])
})

t.test('1,000 names have certificates, and those after them none', async (t) => {
  const home = new Home(t)
  const name = (number: number): string => `n${String(number).padStart(5, '0')}.example`
  home.write('one', certified('many'))
  for (let number = 0; number <= certificateNames; number += 1) {
    mkdirSync(`control/servercerts/${name(number)}`, { recursive: true })
    if (number === 0 || number >= certificateNames - 1) linkSync('one', `control/servercerts/${name(number)}/servercert.pem`)
  }
  home.write('control/servercert.pem', certified('plain'))
  const tls = home.tls()
  t.same(home.look(), [`control/servercerts: only ${certificateNames} of its certificates are used`])
  t.equal(await nameGiven(t, tls, name(certificateNames - 1)), 'many')
  t.equal(await nameGiven(t, tls, name(certificateNames)), 'plain')
})

t.test('TLS 1.2 and its safe suites are taken, and nothing older or weaker', async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example'))
  const tls = home.tls()
  const agreed = async (options: ConnectionOptions): Promise<string> => {
    const outcome = await (await pair(t, tls, secure(options)))[0].outcome
    return typeof outcome === 'string' ? 'none' : outcome.protocol
  }
  const twelve: ConnectionOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }
  const eleven: ConnectionOptions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }
  t.equal(await agreed({}), 'TLSv1.3')
  t.equal(await agreed(twelve), 'TLSv1.2')
  t.equal(await agreed(eleven), 'none')
  t.equal(await agreed({ ...twelve, ciphers: 'ECDHE-ECDSA-AES128-SHA' }), 'none', 'SHA-1')
  home.write('control/tlsserverciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256\n')
  tls.reread()
  t.equal(await agreed({ ...twelve, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }), 'none')
  t.equal(await agreed({}), 'TLSv1.3', 'which has suites of its own')
  home.write('control/tlsserverciphers', 'no-such\n')
  tls.reread()
  t.equal(await agreed({ ...twelve, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }), 'TLSv1.2', 'the last good line')
  t.match(home.look(), [/^control\/servercert\.pem: .*, keeping the one that expires /])
  rmSync('control/tlsserverciphers')
  home.write('control/tlsminversion', '1.3\n')
  tls.reread()
  t.equal(await agreed(twelve), 'none')
  home.look()
  home.write('control/tlsminversion', '1.4\n')
  tls.reread()
  t.match(home.look(), [/^control\/tlsminversion:1: is neither 1\.2 nor 1\.3; TLS 1\.3 still counts as the oldest$/])
  t.equal(await agreed(twelve), 'none', 'the last good line')
  t.equal(typeof (await (await pair(t, home.tls(), secure(twelve)))[0].outcome), 'string', 'a bad one at first lets nothing older in')
})

t.test('facts of a session, and what binds a login to it', async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example'))
  const tls = home.tls()
  const [{ outcome }, client] = await pair(t, tls, secure({ servername: 'x.example' }))
  const facts = await outcome
  if (typeof facts === 'string') return t.fail(facts)
  t.match(facts, { protocol: 'TLSv1.3', serverName: 'x.example', cipher: /^TLS_/ })
  const label = 'EXPORTER-Channel-Binding' // RFC 9266 §2
  t.same(facts.exporter(), (client as TLSSocket).exportKeyingMaterial(tlsBindingBytes, label, Buffer.alloc(0)))
  const older = await (await pair(t, tls, secure({ maxVersion: 'TLSv1.2' })))[0].outcome
  if (typeof older === 'string') return t.fail(older)
  t.match(older, { protocol: 'TLSv1.2', serverName: undefined })
  t.equal(older.exporter(), undefined)
})

t.test('a handshake that fails, or does not end, is told in words', async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example'))
  const tls = home.tls()
  const plain = (text: string) => (port: number) =>
    connectPlain(port, '127.0.0.1').on('connect', function (this: Socket) {
      if (text === '') this.destroy()
      else this.write(text)
    })
  t.equal(await (await pair(t, tls, plain('NOOP\r\n')))[0].outcome, 'wrong version number')
  t.equal(await (await pair(t, tls, plain('')))[0].outcome, 'the client left')
  t.equal(await (await pair(t, tls, plain('\x16'), 0.1))[0].outcome, 'not done within 0.1 seconds')
})

t.test('a session is taken up again by its ticket, across a new certificate, unless tlstickets is 0', async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example'))
  const tls = home.tls()
  const again = async (): Promise<boolean> => {
    const [, first] = await pair(t, tls, secure({ maxVersion: 'TLSv1.2' }))
    const ticket = await new Promise<Buffer>((resolve) => first.once('session', resolve))
    home.write('control/servercert.pem', certified('b.example'))
    tls.reread()
    const [{ outcome }, second] = await pair(t, tls, secure({ maxVersion: 'TLSv1.2', session: ticket }))
    await outcome
    return (second as TLSSocket).isSessionReused()
  }
  t.equal(tlsTicketHours, 12)
  t.equal(await again(), true)
  home.write('control/tlstickets', '0\n')
  tls.reread()
  t.equal(await again(), false)
})

t.test('a record that nobody can read ends the connection', async (t) => {
  const home = new Home(t)
  home.write('control/servercert.pem', certified('a.example'))
  const client = (port: number): Socket => {
    const wire = connectPlain(port, '127.0.0.1')
    const stream = new Duplex({ read: () => undefined, write: (bytes: Buffer, _encoding, done) => void wire.write(bytes, done) })
    wire.on('data', (bytes) => stream.push(bytes))
    connect({ socket: stream, rejectUnauthorized: false }).on('error', () => undefined)
    return wire
  }
  const [{ socket, outcome }, wire] = await pair(t, home.tls(), client)
  t.type(await outcome, Object)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  wire.write(`\x17\x03\x03\x00\x20${'x'.repeat(32)}`, 'latin1')
  await closed
  t.ok(socket.destroyed)
})

t.test('handshakes of a network within a minute', async (t) => {
  const rate = new HandshakeRate()
  const some = (address: string, count: number, now: number): number =>
    Array.from({ length: count }, () => rate.admits(address, tlsHandshakesPerMinute, now)).filter(Boolean).length
  t.equal(some('192.0.2.1', tlsHandshakesPerMinute + 5, 0), tlsHandshakesPerMinute)
  t.equal(some('192.0.2.2', 5, 1), 5, 'another one')
  t.equal(some('127.0.0.1', 1_000, 1), 1_000, 'loopback')
  t.equal(some('2001:db8::1', 40, 1) + some('2001:db8:0:1::1', 40, 1), tlsHandshakesPerMinute, 'one /56')
  t.equal(some('192.0.2.1', 5, 59_999), 0)
  t.equal(some('192.0.2.1', 5, 60_000), 5)
})
