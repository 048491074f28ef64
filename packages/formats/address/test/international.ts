import t from 'tap'
import { asciiDomain, isLocalPart, isMailbox, isUtf8Bytes, unicodeDomain, withAsciiDomain } from '../src/index.ts'

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

t.test('a domain has one form in A-labels, however it is written, and one in U-labels', async (t) => {
  for (const written of ['bücher.example', 'BÜCHER.example', 'bu\u0308cher.example', 'xn--bcher-kva.example', 'XN--BCHER-KVA.Example']) {
    t.equal(asciiDomain(bytes(written)), 'xn--bcher-kva.example', written)
    t.equal(unicodeDomain(bytes(written)), bytes('bücher.example'), written)
  }
  t.equal(asciiDomain('Example.ORG'), 'example.org')
  t.equal(unicodeDomain('[192.0.2.1]'), '[192.0.2.1]')
})

t.test('bytes that are no UTF-8 are no domain, and an address with them stays what it is', async (t) => {
  t.equal(asciiDomain('b\xfccher.example'), undefined)
  t.equal(withAsciiDomain('joe@b\xfccher.example'), 'joe@b\xfccher.example')
  t.equal(withAsciiDomain(bytes('jörg@bücher.example')), bytes('jörg@xn--bcher-kva.example'))
  t.equal(isUtf8Bytes('\xc0\xaf'), false)
})

t.test('isLocalPart takes 64 bytes, and not 65', async (t) => {
  t.equal(isLocalPart('a'.repeat(64)), true)
  t.equal(isLocalPart('a'.repeat(65)), false)
})

t.test('isMailbox knows dots, quotes, literals and UTF-8', async (t) => {
  for (const good of [
    'a.b@example.org',
    '"a b"@example.org',
    '"a\\"b"@example.org',
    'joe@[192.0.2.1]',
    'joe@[IPv6:::1]',
    bytes('用户@例子.广告'),
  ])
    t.equal(isMailbox(good), true, good)
  for (const bad of [
    'a..b@example.org',
    '.a@example.org',
    'a b@example.org',
    '"a"b"@example.org',
    'joe@',
    '@example.org',
    'joe@-a.example',
  ])
    t.equal(isMailbox(bad), false, bad)
  t.equal(isMailbox('\xfc@example.org'), false)
})
