import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import { readCredential } from '../src/pem.ts'

const certified = (name: string): string => selfSigned(name, { from: new Date(0), until: new Date('2040-01-01T00:00:00Z') })
const split = (pem: string): [key: string, certificate: string] => {
  const at = pem.indexOf('-----BEGIN CERTIFICATE')
  return [pem.slice(0, at), pem.slice(at)]
}
const owner = (chain: string): string => new X509Certificate(chain).subject

t.test('readCredential takes key and certificate in any order, together or apart', async (t) => {
  const [key, certificate] = split(certified('a.example'))
  for (const [text, apart] of [
    [key + certificate, undefined],
    [certificate + key, undefined],
    [`# ours\n${certificate}\nand\n${key}`, undefined],
    [certificate, key],
  ] as const) {
    const credential = readCredential(text, apart)
    t.equal(owner(credential.chain), 'CN=a.example')
    t.equal(credential.expires, Date.parse('2040-01-01T00:00:00Z'))
  }
})

t.test('readCredential sends the certificate of the key first, whatever else is there', async (t) => {
  const [key, own] = split(certified('own.example'))
  const [, other] = split(certified('other.example'))
  t.equal(owner(readCredential(other + key + own, undefined).chain), 'CN=own.example')
})

const openssl = spawnSync('openssl', ['version']).status === 0

t.test(
  'readCredential puts those who vouch for it after it, each after the one it has signed',
  { skip: !openssl && 'no openssl' },
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'tlsfiles-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    const run = (...args: string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' })
    const read = (name: string): string => readFileSync(join(directory, name), 'latin1')
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    writeFileSync(join(directory, 'ca'), 'basicConstraints=CA:TRUE\n')
    run('req', '-x509', ...curve, '-subj', '/CN=root', '-keyout', 'root.key', '-out', 'root.pem')
    for (const [name, by, ...more] of [
      ['middle', 'root', '-extfile', 'ca'],
      ['leaf', 'middle'],
    ] as const) {
      run('req', ...curve, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
      run(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${by}.pem`,
        '-CAkey',
        `${by}.key`,
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        ...more,
      )
    }
    const { chain } = readCredential(['root.pem', 'middle.pem', 'leaf.key', 'leaf.pem'].map(read).join(''), undefined)
    const names = chain.split(/(?<=-----END CERTIFICATE-----\n)/).map(owner)
    t.same(names, ['CN=leaf', 'CN=middle', 'CN=root'])
  },
)

t.test('readCredential says what is wrong', async (t) => {
  const [key, certificate] = split(certified('a.example'))
  const [foreign] = split(certified('b.example'))
  t.throws(() => readCredential('', undefined), { message: 'there is no certificate in it' })
  t.throws(() => readCredential(key, undefined), { message: 'there is no certificate in it' })
  t.throws(() => readCredential(certificate, undefined), { message: 'there is no key for it' })
  t.throws(() => readCredential(certificate + foreign, undefined), { message: 'the key does not match' })
  const whole = key + certificate
  for (let length = whole.indexOf('\n'); length < whole.length - 1; length += 7) {
    t.throws(() => readCredential(whole.slice(0, length), undefined), `torn at ${length}`)
  }
  t.throws(() => readCredential(key.replace(/\n.{8}/, '\nAAAAAAAA') + certificate, undefined), { message: /^the key cannot be read: / })
  t.throws(() => readCredential(key + certificate.replace(/\n.{8}/, '\nAAAAAAAA'), undefined), {
    message: /^a certificate cannot be read: /,
  })
})
