import { createPrivateKey, X509Certificate } from 'node:crypto'
import t from 'tap'
import { selfSigned } from '../src/index.ts'

t.test('selfSigned makes a certificate of the host that its own key has signed', async (t) => {
  const from = new Date('2026-11-30T12:00:00Z')
  const until = new Date('2036-11-30T12:00:00Z')
  const pem = selfSigned('mail.example.org', { from, until })
  const certificate = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')))
  t.ok(certificate.checkPrivateKey(createPrivateKey(pem)))
  t.ok(certificate.verify(certificate.publicKey))
  t.equal(certificate.checkHost('mail.example.org'), 'mail.example.org')
  t.equal(certificate.checkHost('example.org'), undefined)
  t.equal(certificate.ca, false)
  t.equal(Date.parse(certificate.validFrom), from.getTime())
  t.equal(Date.parse(certificate.validTo), until.getTime())
})

t.test('a long name and a year behind 2049 have their own forms', async (t) => {
  const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`
  const until = new Date('2051-01-02T03:04:05Z')
  const certificate = new X509Certificate(selfSigned(name, { from: new Date(0), until }).replace(/^[\s\S]*(?=-----BEGIN CERTIFICATE)/, ''))
  t.equal(certificate.checkHost(name), name)
  t.equal(Date.parse(certificate.validTo), until.getTime())
})
