/** Chains that openssl has made, and records that are made of them. */
import { createHash, type X509Certificate } from 'node:crypto'
import t from 'tap'
import { makeCertificate, read } from '../../../../test/certificates.ts'
import { type Tlsa, verifyDane } from '../src/index.ts'

const directory = t.testdir()
const root = makeCertificate(directory, 'root')
const middle = makeCertificate(directory, 'middle', { pathLength: 0 }, root)
const host = makeCertificate(directory, 'mx', { names: ['mx.example.org', '*.wild.example.org'] }, middle)
const chain = [host, middle, root].map(read)
const now = new Date()

function record(usage: number, selector: number, matching: number, certificate: X509Certificate): Tlsa {
  const data = selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' })
  const digest = (algorithm: string): Buffer => createHash(algorithm).update(data).digest()
  return { usage, selector, matching, data: matching === 0 ? data : digest(matching === 1 ? 'sha256' : 'sha512') }
}

const [own, between, anchor] = chain as [X509Certificate, X509Certificate, X509Certificate]
const names = ['mx.example.org']

t.test('an anchor is found at its depth, presented or not, in any order', async (t) => {
  for (const selector of [0, 1]) {
    for (const matching of [0, 1, 2]) {
      const text = `2 ${selector} ${matching}`
      t.match(verifyDane([record(2, selector, matching, between)], { chain, names, now }), { kind: 'matched', depth: 1 }, text)
      t.match(verifyDane([record(2, selector, matching, anchor)], { chain: [own, anchor, between], names, now }), { kind: 'matched' }, text)
    }
    t.match(verifyDane([record(2, selector, 0, anchor)], { chain: [own, between], names, now }), { kind: 'matched' }, 'not presented')
  }
  t.same(verifyDane([record(2, 1, 1, anchor)], { chain: [own, between], names, now }), { kind: 'none' }, 'a digest alone is no anchor')
  t.same(verifyDane([record(2, 1, 1, own)], { chain, names, now }), { kind: 'none' }, 'the own certificate is none')
  t.same(verifyDane([record(2, 0, 1, anchor)], { chain: [], names, now }), { kind: 'none' })
})

t.test('names and dates count below an anchor, and not for the own certificate', async (t) => {
  const later = new Date(now.getTime() + 40 * 86_400_000)
  t.same(verifyDane([record(2, 1, 1, anchor)], { chain, names: ['other.example'], now }), { kind: 'name' })
  t.same(verifyDane([record(2, 1, 1, anchor)], { chain, names, now: later }), { kind: 'time' })
  t.match(verifyDane([record(2, 1, 1, anchor)], { chain, names: ['a.wild.example.org'], now }), { kind: 'matched' })
  t.match(verifyDane([record(3, 1, 1, own)], { chain, names: ['other.example'], now: later }), { kind: 'matched', depth: 0 })
  t.same(verifyDane([record(3, 1, 1, own)], { chain, names: ['other.example'], endEntityNames: true, now }), { kind: 'name' })
})

t.test('what has no right to sign leads to no anchor', async (t) => {
  const below = makeCertificate(directory, 'below', {}, middle) // middle may have no authority below it
  const deep = makeCertificate(directory, 'mx', { names }, below)
  const forged = makeCertificate(directory, 'mx', { names }, host) // signed by a host
  const stranger = makeCertificate(directory, 'root') // of the same name as root, with another key
  t.same(verifyDane([record(2, 1, 1, anchor)], { chain: [read(deep), read(below), between, anchor], names, now }), { kind: 'none' })
  t.same(verifyDane([record(2, 1, 1, between)], { chain: [read(forged), own, between], names, now }), { kind: 'none' })
  t.same(verifyDane([record(2, 1, 1, read(stranger))], { chain: [own, between, read(stranger)], names, now }), { kind: 'none' })
})

t.test('of digests only the strongest kind counts, and whole data beside it', async (t) => {
  const wrong = { ...record(3, 1, 2, own), data: Buffer.alloc(64) }
  t.same(verifyDane([record(3, 1, 1, own), wrong], { chain, names, now }), { kind: 'none' })
  t.match(verifyDane([record(3, 1, 0, own), wrong], { chain, names, now }), { kind: 'matched' })
  t.match(verifyDane([record(3, 0, 1, own), wrong], { chain, names, now }), { kind: 'matched' }, 'of another selector')
  t.match(
    verifyDane([record(3, 1, 1, own), { ...wrong, data: Buffer.alloc(63) }], { chain, names, now }),
    { kind: 'matched' },
    'a torn one',
  )
})

t.test('what a host presents is looked at up to a number', async (t) => {
  const rings = Array.from({ length: 12 }, () => makeCertificate(directory, 'ring')) // each could have signed each, by its name
  const leaf = makeCertificate(directory, 'mx', { names }, rings[0])
  t.same(
    verifyDane([record(2, 1, 1, anchor)], { chain: [leaf, ...rings].map(read), names, now }),
    { kind: 'none' },
    'it would go on for ever',
  )
  const many = [own, ...Array.from({ length: 20 }, () => anchor), between]
  t.same(verifyDane([record(2, 1, 1, between)], { chain: many, names, now }), { kind: 'none' }, 'the 22nd is not looked at')
})
