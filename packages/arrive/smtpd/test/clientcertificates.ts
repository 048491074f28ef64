/** Clients that show a certificate: who may relay by it, who may log in by it, and whom it does not help. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '@yabumi/selfsigned'
import t, { type Test } from 'tap'
import { type Certified, makeCertificate, read } from '../../../../test/certificates.ts'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const directory = mkdtempSync(join(tmpdir(), 'clients-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const year = 365 * 86_400_000
const server = selfSigned('test.example', { from: new Date(Date.now() - year), until: new Date(Date.now() + year) })
const authority = makeCertificate(directory, 'authority')
const joe = makeCertificate(directory, 'joe/emailAddress=joe@test.example', { names: [] }, authority)
const laptop = makeCertificate(directory, 'laptop', { names: ['laptop.example'] }, authority)
const stranger = makeCertificate(directory, 'joe/emailAddress=joe@test.example', { names: [] }, makeCertificate(directory, 'stranger'))
const expired = makeCertificate(directory, 'joe/emailAddress=joe@test.example', { names: [], days: -1 }, authority)
const print = read(laptop).fingerprint256

/** Lists of what an authority has revoked, by OpenSSL. */
function revoked(...certificates: readonly Certified[]): string {
  const lines = certificates.map((one) => `R\t361201000000Z\t261101000000Z\t${read(one).serialNumber}\tunknown\t/CN=x\n`)
  writeFileSync(join(directory, 'index.txt'), lines.join(''))
  const file = join(directory, 'ca.cnf')
  writeFileSync(file, `[ca]\ndefault_ca=x\n[x]\ndatabase=${directory}/index.txt\ndefault_md=sha256\ndefault_crl_days=30\n`)
  const args = ['ca', '-gencrl', '-config', file, '-keyfile', authority.key, '-cert', authority.certificate]
  return execFileSync('openssl', args, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] })
}

function home(t: Test, controls: Record<string, string> = {}): ScratchHome {
  const clientca = readFileSync(authority.certificate, 'latin1')
  const tlsclients = `joe@test.example\n${print.toLowerCase().replaceAll(':', '')}\nSHA256:${print} Lap@test.example\n`
  return new ScratchHome(t, { 'servercert.pem': server, 'clientca.pem': clientca, tlsclients, rcpthosts: 'test.example\n', ...controls })
}

async function underTls(resident: Resident, port: number, certified?: Certified): Promise<Client> {
  const client = resident.client(port)
  await client.replies()
  await client.ask('STARTTLS\r\n')
  const own = certified && { cert: readFileSync(certified.certificate), key: readFileSync(certified.key) }
  await client.secure(own ?? {})
  return client
}

async function relays(resident: Resident, port: number, certified?: Certified): Promise<boolean> {
  const client = await underTls(resident, port, certified)
  const replies = await client.ask('MAIL FROM:<s@x.example>\r\nRCPT TO:<r@far.example>\r\n', 2)
  return replies === '250 ok\r\n250 ok\r\n'
}

t.test('a client of the authority that tlsclients names may relay, and nobody else', async (t) => {
  const resident = new Resident(t, home(t))
  const port = await resident.ready()
  t.equal(await relays(resident, port, joe), true, 'by its address')
  t.equal(await relays(resident, port, laptop), true, 'by its fingerprint')
  t.equal(await relays(resident, port), false, 'not without a certificate, which is no fault')
  t.equal(await relays(resident, port, stranger), false, "not with another authority's")
  t.equal(await relays(resident, port, expired), false, 'not with one that has expired')
  await resident.logs('a client certificate of tlsclients')
})

t.test('an authority alone lets nobody in; without one nobody is asked', async (t) => {
  const unnamed = new Resident(t, home(t, { tlsclients: 'ann@test.example\n' }))
  t.equal(await relays(unnamed, await unnamed.ready(), joe), false)
  const unasked = new Resident(t, new ScratchHome(t, { 'servercert.pem': server, tlsclients: 'joe@test.example\n', rcpthosts: '' }))
  t.equal(await relays(unasked, await unasked.ready(), joe), false)
})

t.test('a certificate that is revoked counts no more, nor does any while the list cannot be read from the start', async (t) => {
  const place = home(t, { 'clientcrl.pem': revoked(joe) })
  const resident = new Resident(t, place)
  const port = await resident.ready()
  t.equal(await relays(resident, port, joe), false)
  t.equal(await relays(resident, port, laptop), true)
  const torn = new Resident(t, home(t, { 'clientcrl.pem': revoked().slice(0, 200) }))
  t.equal(await relays(torn, await torn.ready(), joe), false)
  await torn.logs('control/clientcrl.pem: ')
})

t.test('a torn authority leaves the last good one', async (t) => {
  const place = home(t)
  const resident = new Resident(t, place)
  const port = await resident.ready()
  place.control('clientca.pem', '-----BEGIN CERTIFICATE-----\n')
  await resident.logs('smtpd: control/clientca.pem: it breaks off in the middle of a CERTIFICATE; what was read before counts\n')
  t.equal(await relays(resident, port, joe), true)
})

t.test('AUTH EXTERNAL at submission: the address of the certificate, or the login of its fingerprint', async (t) => {
  const resident = new Resident(t, home(t), ['--no-ptr', '--submission'])
  const port = await resident.ready()
  const session = async (certified?: Certified): Promise<Client> => {
    const client = await underTls(resident, port, certified)
    await client.ask('EHLO c\r\n')
    return client
  }
  const mine = await session(joe)
  t.match(await mine.ask('EHLO c\r\n'), /^250-AUTH .*\bEXTERNAL\r$/m)
  t.equal(await mine.ask('MAIL FROM:<joe@test.example>\r\n'), '530 Authorization required (#5.7.0)\r\n', 'a login is needed')
  t.equal(await mine.ask('AUTH EXTERNAL YW5uQHRlc3QuZXhhbXBsZQ==\r\n'), '535 authentication failed (#5.7.8)\r\n', 'not as ann')
  t.equal(await mine.ask('AUTH EXTERNAL %\r\n'), '501 malformed auth input (#5.5.2)\r\n')
  t.equal(await mine.ask('AUTH EXTERNAL\r\n'), '334 \r\n')
  t.equal(await mine.ask('*\r\n'), '501 auth exchange canceled (#5.7.0)\r\n')
  t.equal(await mine.ask('AUTH EXTERNAL\r\n'), '334 \r\n')
  t.equal(await mine.ask('\r\n'), '235 ok, go ahead (#2.7.0)\r\n')
  const printed = await session(laptop)
  t.equal(await printed.ask('AUTH EXTERNAL bGFwQHRlc3QuZXhhbXBsZQ==\r\n'), '235 ok, go ahead (#2.7.0)\r\n')
  const nobody = await session(stranger)
  t.notMatch(await nobody.ask('EHLO c\r\n'), /EXTERNAL/)
  t.equal(await nobody.ask('AUTH EXTERNAL =\r\n'), '504 auth type unimplemented (#5.5.4)\r\n')
  await resident.logs('auth EXTERNAL ok: lap@test.example\n')
})
