/** Certificates of pebble, an authority made for tests, by files of webfiles and by a program for the DNS. */
import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { selfSigned } from '@yabumi/selfsigned'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { bundle, type Certified, makeCertificate } from '../../../../test/certificates.ts'
import { startFront } from '../../../../test/support/authorityfront.ts'
import { type DnsServer, startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { freePort } from '../../../../test/support/ports.ts'
import { until } from '../../../../test/support/wait.ts'
import { certificateId } from '../src/renewalinfo.ts'

const bin = join(import.meta.dirname, '../../../../bin')
const pebble = '/usr/bin/pebble'
const skip = existsSync(pebble) ? false : 'no pebble here: apt-get install pebble'
const day = 86_400_000

/** A program that is ended with the test. */
function start(t: Test, file: string, args: string[], env: Record<string, string>): { log(): string; signal(name: NodeJS.Signals): void } {
  const child = execa(file, args, { env, reject: false, buffer: false, all: true })
  let log = ''
  child.all.on('data', (text: Buffer) => {
    log += text.toString('latin1')
  })
  t.teardown(async () => {
    child.kill('SIGTERM')
    await child
  })
  return { log: () => log, signal: (name) => child.kill(name) }
}

class Scene {
  readonly home: string
  readonly dns: DnsServer
  readonly webPort: number
  readonly url: string
  readonly pebble: { readonly port: number; readonly own: Certified }

  private constructor(home: string, dns: DnsServer, webPort: number, url: string, pebble: { port: number; own: Certified }) {
    this.home = home
    this.dns = dns
    this.webPort = webPort
    this.url = url
    this.pebble = pebble
  }

  /** Pebble runs, and finds what the zone says. */
  static async make(t: Test, zone: Zone): Promise<Scene> {
    const home = t.testdir({ control: { me: 'mail.example.org\n', locals: 'mail.example.org\n' }, made: {} })
    const made = join(home, 'made')
    const dns = await startDnsServer(zone)
    t.teardown(() => dns.close())
    const [port, management, webPort] = [await freePort(), await freePort(), await freePort()]
    const own = makeCertificate(made, 'pebble', { names: ['localhost'] })
    const config = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: own.certificate,
      privateKey: own.key,
      httpPort: webPort,
      tlsPort: await freePort(),
    }
    writeFileSync(join(made, 'pebble.json'), JSON.stringify({ pebble: config }))
    const env = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '30' }
    const authority = start(t, pebble, ['-config', join(made, 'pebble.json'), '-dnsserver', dns.address], env)
    await until(
      () => `pebble listens: ${authority.log()}`,
      () => /Listening on:/.test(authority.log()),
    )
    const scene = new Scene(home, dns, webPort, `https://localhost:${port}/dir`, { port, own })
    scene.control(own.certificate)
    return scene
  }

  control(ca: string, ...lines: string[]): void {
    writeFileSync(
      join(this.home, 'control/acme'),
      [`directory ${this.url}`, `cafile ${ca}`, 'email a@example.org', ...lines, ''].join('\n'),
    )
  }

  add(...lines: string[]): void {
    writeFileSync(join(this.home, 'control/acme'), `${lines.join('\n')}\n`, { flag: 'a' })
  }

  async webfiles(t: Test): Promise<void> {
    const files = start(t, join(bin, 'webfiles'), ['--listen', `127.0.0.1:${this.webPort}`], { YABUMI_HOME: this.home })
    await until(
      () => `webfiles listens: ${files.log()}`,
      () => files.log().includes('listening'),
    )
  }

  acme(...args: string[]) {
    return execa(join(bin, 'acme'), args, { env: { YABUMI_HOME: this.home }, reject: false })
  }

  path(name: string): string {
    return join(this.home, 'state/acme', name)
  }

  certificate(name: string): X509Certificate {
    return new X509Certificate(readFileSync(this.path(`${name}/servercert.pem`)))
  }
}

const here: Zone = { '*.example.org': { A: ['127.0.0.1'] }, 'mta-sts.b.example': { A: ['127.0.0.1'] } }

t.test('a certificate by HTTP, which a server takes up while it runs', { skip }, async (t) => {
  const scene = await Scene.make(t, here)
  await scene.webfiles(t)
  writeFileSync(join(scene.home, 'control/servercert.pem'), selfSigned('old', { from: new Date(0), until: new Date(Date.now() + day) }), {
    mode: 0o600,
  })
  const smtpd = start(t, join(bin, 'smtpd'), ['--listen-tls', '127.0.0.1:0', '--no-ptr'], { YABUMI_HOME: scene.home })
  const port = await until(
    () => `smtpd listens: ${smtpd.log()}`,
    () => Number(/listening on [0-9.]+:([0-9]+)/.exec(smtpd.log())?.[1]) || false,
  )
  t.match(await subjectOf(port), 'CN=old')

  const first = await scene.acme()
  t.match(first, { exitCode: 0, stderr: '', stdout: /^mail\.example\.org: [0-9]+ days left, until 20[0-9-]+$/ })
  t.equal(statSync(scene.path('mail.example.org/servercert.pem')).mode & 0o777, 0o640)
  t.equal(statSync(scene.path('mail.example.org/key.pem')).mode & 0o777, 0o600)
  t.equal(statSync(scene.path('account/key.pem')).mode & 0o777, 0o600)
  t.match(readFileSync(scene.path('account/url'), 'utf8'), /^https:\/\/localhost:\d+\/my-account\/\w+\n$/)
  t.same(readdirSync(scene.path('challenges')), [], 'what was to be seen is taken back')
  const { subjectAltName, publicKey, serialNumber } = scene.certificate('mail.example.org')
  t.equal(subjectAltName, 'DNS:mail.example.org')
  smtpd.signal('SIGHUP')
  await until('smtpd has it', async () => /Pebble/.test(await issuerOf(port)))

  t.match(await scene.acme(), { exitCode: 0, stdout: '', stderr: '' }, 'nothing is due')
  t.equal(scene.certificate('mail.example.org').serialNumber, serialNumber)
  const account = readFileSync(scene.path('account/key.pem'), 'utf8')
  t.match(await scene.acme('--force'), { exitCode: 0 })
  t.not(scene.certificate('mail.example.org').serialNumber, serialNumber)
  t.ok(scene.certificate('mail.example.org').publicKey.equals(publicKey), 'the key stays')
  t.equal(readFileSync(scene.path('account/key.pem'), 'utf8'), account)
  t.match(await scene.acme('--check'), { exitCode: 0, stdout: /^mail\.example\.org: [0-9]+ days left/ })
})

t.test('what is due is renewed, and nothing else', { skip }, async (t) => {
  const scene = await Scene.make(t, here)
  await scene.webfiles(t)
  scene.add('names mail.example.org fresh.example.org')
  const put = (name: string, daysAgo: number, daysLeft: number): void => {
    const [from, until] = [new Date(Date.now() - daysAgo * day), new Date(Date.now() + daysLeft * day)]
    mkdirSync(scene.path(name), { recursive: true })
    writeFileSync(scene.path(`${name}/servercert.pem`), selfSigned(name, { from, until }))
  }
  put('mail.example.org', 65, 25)
  put('fresh.example.org', 3, 3)
  t.match(await scene.acme('--check'), { exitCode: 0, stdout: /^mail\.example\.org: 24 days left.*\nfresh\.example\.org: 2 days left/ })
  t.match(await scene.acme(), { exitCode: 0, stdout: /^mail\.example\.org: [0-9]+ days left[^\n]*$/ })
  t.match(scene.certificate('mail.example.org').issuer, 'Pebble')
  t.match(scene.certificate('fresh.example.org').issuer, 'CN=fresh.example.org')
})

t.test('the authority may want it earlier (RFC 9773), and hears what is replaced', { skip }, async (t) => {
  const scene = await Scene.make(t, here)
  await scene.webfiles(t)
  const { own, port: pebble } = scene.pebble
  const [asked, orders]: [string[], string[]] = [[], []]
  let window: object = {}
  let port = 0
  const directory = {
    get renewalInfo() {
      return `https://localhost:${port}/renewal-info`
    },
  }
  port = await startFront(t, {
    pem: bundle(join(scene.home, 'made'), own),
    pebble,
    port,
    directory,
    answer(url) {
      if (!url.startsWith('/renewal-info/')) return undefined
      asked.push(url.slice('/renewal-info/'.length))
      return window
    },
    hear(url, body) {
      if (url === '/order-plz') orders.push(Buffer.from(JSON.parse(body).payload, 'base64url').toString())
    },
  })
  writeFileSync(
    join(scene.home, 'control/acme'),
    `directory https://localhost:${port}/dir\ncafile ${own.certificate}\nnames mail.example.org\n`,
  )
  const at = (days: number): string => new Date(Date.now() + days * day).toISOString()
  t.match(await scene.acme(), { exitCode: 0, stderr: '' })
  t.same(asked, [], 'a new one is not asked about')
  const serial = (): string => scene.certificate('mail.example.org').serialNumber
  const first = serial()
  const id = certificateId(scene.certificate('mail.example.org'))
  for (const nothing of [
    { suggestedWindow: { start: at(30), end: at(31) } },
    { suggestedWindow: { start: at(-1), end: at(-2) } },
    { suggestedWindow: 'now' },
    {},
    [],
  ]) {
    window = nothing
    t.match(await scene.acme(), { exitCode: 0, stdout: '', stderr: '' }, JSON.stringify(nothing))
    t.equal(serial(), first)
  }
  window = { suggestedWindow: { start: at(-2), end: at(-1) } }
  t.match(await scene.acme(), { exitCode: 0, stderr: '', stdout: /^mail\.example\.org: / })
  t.not(serial(), first)
  t.same(new Set(asked), new Set([id]))
  t.notMatch(orders[0], /replaces/)
  t.match(orders.at(-1), `"replaces":"${id}"`)
})

t.test('an authority that has lost its renewal information costs a line, and no certificate', { skip }, async (t) => {
  const scene = await Scene.make(t, here)
  await scene.webfiles(t)
  t.match(await scene.acme(), { exitCode: 0 })
  const { own } = scene.pebble
  writeFileSync(join(scene.home, 'control/acme'), `directory https://localhost:1/dir\ncafile ${own.certificate}\nnames mail.example.org\n`)
  t.match(await scene.acme(), {
    exitCode: 0,
    stdout: '',
    stderr: /^acme: mail\.example\.org: whether the authority wants it renewed cannot be asked: /,
  })
})

t.test('a name that is not ours: why stands in the log, and nobody tries again at once', { skip }, async (t) => {
  const scene = await Scene.make(t, here)
  writeFileSync(join(scene.home, 'control/stspolicy'), 'testing\n')
  writeFileSync(join(scene.home, 'control/virtualdomains'), 'b.example:b\nc.example:c\n')
  const failed = await scene.acme() // nobody hands out the file
  t.equal(failed.exitCode, 111)
  const lines = failed.stderr.split('\n')
  t.same(
    lines.map((line) => /^acme: (\S+): the authority says: .+; not tried again before 20[0-9-]+T[0-9:]+Z$/.exec(line)?.[1]),
    ['mail.example.org', 'mta-sts.b.example', 'mta-sts.c.example'],
  )
  t.match(lines[0], /refused/i, "in the authority's words")
  await scene.webfiles(t)
  t.match(await scene.acme(), { exitCode: 0, stdout: '', stderr: '' }, 'within the hour nothing is tried')
  const forced = await scene.acme('--force')
  t.match(forced.stdout, /^mail\.example\.org: .*\nmta-sts\.b\.example: /)
  t.match(forced, { exitCode: 111, stderr: /^acme: mta-sts\.c\.example: the authority says: / })
  t.equal(existsSync(scene.path('mail.example.org/tries')), false)
  const [failures] = readFileSync(scene.path('mta-sts.c.example/tries'), 'utf8').split(' ')
  t.equal(failures, '2')
})

t.test('a record of the DNS is set by a program, for a name with a star too', { skip }, async (t) => {
  const scene = await Scene.make(t, {})
  const hook = join(scene.home, 'hook')
  writeFileSync(hook, `#!/bin/sh\necho "$@" >>${scene.home}/said\nuntil [ -e ${scene.home}/"$1" ]; do sleep 0.05; done\n`)
  chmodSync(hook, 0o755)
  scene.add(`challenge exec ${hook}`, 'names *.example.org', 'keytype rsa2048')
  const ended = scene.acme()
  const [, name = '', value = ''] = await until('the program is run', () => said(scene.home).match(/^set (\S+) (\S+)\n$/) ?? false)
  t.equal(name, '_acme-challenge.example.org')
  scene.dns.setZone({ [name]: { TXT: [value] } })
  writeFileSync(join(scene.home, 'set'), '')
  await until('it takes the record back', () => said(scene.home).endsWith(`unset ${name} ${value}\n`))
  writeFileSync(join(scene.home, 'unset'), '')
  t.match(await ended, { exitCode: 0, stderr: '' })
  const made = scene.certificate('*.example.org')
  t.equal(made.subjectAltName, 'DNS:*.example.org')
  t.equal(made.publicKey.asymmetricKeyType, 'rsa')
})

t.test('a wrong line of control/acme is named, and nothing is asked', async (t) => {
  const home = t.testdir({ control: { me: 'mail.example.org\n' } })
  const acme = () => execa(join(bin, 'acme'), [], { env: { YABUMI_HOME: home }, reject: false })
  t.match(await acme(), { exitCode: 0, stdout: 'without control/acme no authority is asked' })
  for (const line of [
    'directory http://a.example/',
    'email nobody',
    'challenge tls-alpn-01',
    'challenge exec hook',
    'keytype ec521',
    'names a_b.example',
    'names mail',
    'names *.example.org',
    'cafile none.pem',
    'webroot /var/www',
    'directory',
  ]) {
    writeFileSync(join(home, 'control/acme'), `email a@example.org\n${line}\n`)
    t.match(await acme(), { exitCode: 111, stderr: /^acme: control\/acme: / }, line)
  }
  rmSync(join(home, 'state'), { recursive: true, force: true })
})

function said(home: string): string {
  return existsSync(join(home, 'said')) ? readFileSync(join(home, 'said'), 'utf8') : ''
}

function peer(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'mail.example.org', rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      if (certificate === undefined) reject(new Error('no certificate'))
      else resolve(certificate)
    })
    socket.once('error', reject)
  })
}

const subjectOf = async (port: number): Promise<string> => (await peer(port)).subject
const issuerOf = async (port: number): Promise<string> => (await peer(port)).issuer
