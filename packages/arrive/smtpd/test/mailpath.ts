import { smtpAddressBytes } from '@yabumi/limits'
import fc from 'fast-check'
import t from 'tap'
import { readPath } from '../src/mailpath.ts'

const literals = { literalName: 'test.example', ownAddresses: new Set(['127.0.0.1', '0.0.0.0']) }
const address = (argument: string): string | undefined => readPath(argument, literals)?.address

t.test('readPath reads what stands in the first brackets, up to an unquoted >', (t) => {
  t.equal(address('FROM:<joe@example.com> SIZE=5 BODY=8BITMIME'), 'joe@example.com')
  t.equal(address('<a<b>'), 'a<b')
  t.equal(address('TO:<"a>b"@c>'), 'a>b@c')
  t.equal(address('TO:<a\\>b@c>'), 'a>b@c')
  t.equal(address('TO:<never ends'), 'never ends')
  t.equal(address('FROM:<>'), '')
  t.end()
})

t.test('readPath without brackets reads from the colon to an unquoted space', (t) => {
  t.equal(address('FROM:joe@example.com x'), 'joe@example.com')
  t.equal(address('FROM:   joe@example.com'), 'joe@example.com')
  t.equal(address('TO:"a b"@c d'), 'a b@c')
  t.equal(address('joe@example.com'), '')
  t.equal(address(''), '')
  t.end()
})

t.test('readPath drops a source route up to its first colon', (t) => {
  t.equal(address('FROM:<@a,@b:joe@c>'), 'joe@c')
  t.equal(address('FROM:@a:joe@c'), 'joe@c')
  t.equal(address('FROM:<@a>'), '')
  t.equal(address('FROM:<@a:@b:c>'), '@b:c')
  t.end()
})

t.test('readPath removes quotes and the backslash before any byte', (t) => {
  t.equal(address('TO:<"a\\"b"@c>'), 'a"b@c')
  t.equal(address('TO:<a\\\\b@c>'), 'a\\b@c')
  t.equal(address('TO:<a\\'), 'a')
  t.equal(address('TO:<\xe9\xff@c>'), '\xe9\xff@c')
  t.end()
})

t.test('readPath takes an address of the limit and not of one byte more', (t) => {
  t.equal(address(`FROM:<${'s'.repeat(smtpAddressBytes)}>`)?.length, smtpAddressBytes)
  t.equal(address(`FROM:<${'s'.repeat(smtpAddressBytes + 1)}>`), undefined)
  t.equal(address(`FROM:<${'\\s'.repeat(smtpAddressBytes)}>`)?.length, smtpAddressBytes)
  t.end()
})

t.test('readPath names an address literal of this host, and no other', (t) => {
  t.equal(address('TO:<joe@[127.0.0.1]>'), 'joe@test.example')
  t.equal(address('TO:<joe@[0.0.0.0]>'), 'joe@test.example')
  t.equal(address('TO:<a@b@[127.0.0.1]>'), 'a@b@test.example')
  for (const other of ['joe@[192.0.2.1]', 'joe@[127.0.0.1]x', 'joe@[127.0.0]', '[127.0.0.1]', 'joe@[IPv6:::1]', 'joe@[127.0.0.1@]']) {
    t.equal(address(`TO:<${other}>`), other)
  }
  t.equal(readPath('TO:<joe@[127.0.0.1]>', { ...literals, literalName: undefined })?.address, 'joe@[127.0.0.1]')
  t.end()
})

t.test('readPath reads back what was quoted, whatever the bytes', (t) => {
  const bytes = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 })
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
  const check = () =>
    fc.assert(
      fc.property(bytes, (text) => address(`TO:<${quoted(text)}@c> X=y`) === `${text}@c`),
      { seed: 7, numRuns: 3000 },
    )
  t.doesNotThrow(check)
  t.end()
})
