import fc from 'fast-check'
import t from 'tap'
import { addressesIn, addressIn, isDomain } from '../src/index.ts'

t.test('an address is read as a person writes it, and is nothing else than one', async (t) => {
  for (const [text, address] of [
    ['a@y', 'a@y'],
    [' a @ y. ', 'a@y'],
    ['Joe Doe <a@y> (at work)', 'a@y'],
    ['(Joe) a@y', 'a@y'],
    ['"a b"@y', 'a b@y'],
    ['a\\ b@y', 'a b@y'],
    ['<@r,@s:a@y>', 'a@y'],
    ['"a@b"@y', 'a@b@y'],
    ['a@[IPv6:2001:db8::1]', 'a@[IPv6:2001:db8::1]'],
    ['(nobody)', ''],
  ] as const)
    t.equal(addressIn(text), address, text)
  for (const text of [
    'a b@y',
    'a@y b',
    'a@',
    '@y',
    '<>',
    '""',
    'a@@y',
    'a@y>',
    '<a@y> b',
    '<a@y> <b@y>',
    'a@b c',
    './M/',
    'a@"b> c"',
    'a@"b@c"',
    'a@.',
    '"@"',
    'a@\\>b',
    '~',
    '|p',
    'a:b',
    'a@y\0',
  ])
    t.equal(addressIn(text), undefined, text)
  t.throws(() => addressIn('<a@y'), /not closed/)
})

t.test('D8: whatever is written, what comes of it has one domain, or none', async () => {
  const words = fc.constantFrom(
    'a',
    'Joe',
    '@',
    'y',
    '.',
    ',',
    ' ',
    '<',
    '>',
    '(',
    ')',
    '"',
    '\\',
    '&',
    '/',
    '~',
    '|',
    ':',
    ';',
    '[',
    ']',
    '\0',
    '\r',
    '\xe9',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 20 }), (parts) => {
      const found = addressesIn(parts.join('')) ?? []
      return found.every((address) => {
        const at = address.lastIndexOf('@')
        return (
          address !== '' &&
          at !== 0 &&
          !/[\0\n]/.test(address) &&
          (at < 0 || (at < address.length - 1 && isDomain(address.slice(at + 1).replace(/\xe9/g, ''))))
        )
      })
    }),
    { numRuns: 20_000, seed: 9 },
  )
})

t.test('a long text takes its length', async (t) => {
  for (const piece of ['a', ' ', 'A,', 'A b,', '&', '"a"', '(a)', 'a@y, '])
    t.doesNotThrow(() => addressesIn(piece.repeat(1_000_000)), piece)
})
