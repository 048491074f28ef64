import fc from 'fast-check'
import t from 'tap'
import { addressTokens, rewrittenFieldBytes } from '../../limits/src/index.ts'
import { addressText, type HostRules, rewriteAddress, rewriteAddressList, tokenise } from '../src/index.ts'

const tokens = (text: string) => tokenise(text) ?? []
const rules: HostRules = {
  defaultHost: tokens('@me.example.test'),
  defaultDomain: tokens('.example.test'),
  plusDomain: tokens('.example.test'),
}

function read(field: string): { field: string | undefined; addresses: string[] } {
  const addresses: string[] = []
  const rewritten = rewriteAddressList(field, (address) => {
    rewriteAddress(address, rules)
    addresses.push(addressText(address))
  })
  return { field: rewritten, addresses }
}

const rewritten = (field: string) => read(`${field}\n`).field

t.test('an address list is rewritten as in the examples of the specification', async (t) => {
  t.equal(
    rewritten('To: joe, fred@mac, a@x.y+, "A B" <q@[1.2.3.4]>, grp: x@y, z;'),
    'To: joe@me.example.test, fred@mac.example.test, a@x.y.example.test,\n' +
      '  "A B" <q@[1.2.3.4]>, grp: x@y.example.test, z@me.example.test;\n',
  )
  t.equal(rewritten('Cc: (c) me (d)'), 'Cc: me@me.example.test (c) (d)\n')
  t.equal(rewritten('Reply-To: <@a,@b:joe@c>'), 'Reply-To: <joe@c.example.test>\n')
  t.equal(rewritten('to: a b c@d, ,'), 'to: a@me.example.test, b@me.example.test, c@d.example.test, ,\n')
})

t.test('addresses are told from right to left', async (t) => {
  t.same(read('To: joe, fred\n').addresses, ['fred@me.example.test', 'joe@me.example.test'])
})

t.test('folding of a field and blanks before its colon go', async (t) => {
  t.equal(rewritten('To \t: a@x.y,\n\tb@x.y\n , c@x.y'), 'To: a@x.y, b@x.y, c@x.y\n')
  t.equal(rewritten('To:'), 'To:\n')
})

t.test('a name and an address in brackets keep their order, and a word behind them is an address of its own', async (t) => {
  t.equal(rewritten('To: A. B. (c) "D" <e> f'), 'To: A.B.(c) "D" <e@me.example.test>, f@me.example.test\n')
  t.same(read('From: <>\n'), { field: 'From: <>\n', addresses: [''] })
})

t.test('a group name goes as it is, up to the comma in front of it', async (t) => {
  t.equal(rewritten('To: x, a b@c <d>: y;'), 'To: x@me.example.test, a b@c <d>: y@me.example.test;\n')
  t.equal(rewritten('To: undisclosed-recipients:;'), 'To: undisclosed-recipients: ;\n')
})

t.test('a group in a group, a group name alone and an open bracket do not parse', async (t) => {
  for (const list of ['a: b; c;', 'a: b', 'a>', ': a', 'a, "b', 'a)b (']) t.equal(rewritten(`To: ${list}`), undefined, list)
})

t.test('what stands to the right of a mistake has been told', async (t) => {
  t.same(read('To: x a>, b, c\n'), { field: undefined, addresses: ['c@me.example.test', 'b@me.example.test', 'xa@me.example.test'] })
  t.same(read('To: "a, b\n'), { field: undefined, addresses: [] }, 'nothing, if it cannot even be taken apart')
})

t.test('rewriteAddress completes an address', async (t) => {
  const complete = (address: string) => {
    const list = tokens(address)
    rewriteAddress(list, rules)
    return addressText(list)
  }
  t.equal(complete(''), '')
  t.equal(complete('box@[]'), 'box@[]')
  t.equal(complete('@a,@b:c@d.e'), 'c@d.e')
  t.equal(complete('@a'), '', 'a route without its colon')
  t.equal(complete('c@d.e.'), 'c@d.e')
  t.equal(complete('c@'), 'c@me.example.test')
  t.equal(complete('.'), '')
  t.equal(complete('c@h+'), 'c@h.example.test')
  t.equal(complete('c@"h+"'), 'c@h+.example.test', 'a plus in quotes is none')
  t.equal(complete('a@b@c'), 'a@b@c.example.test', 'the domain is what follows the last @')
  t.equal(complete('a.b@c'), 'a.b@c.example.test')
})

t.test('a list of 200,000 addresses is read to its end', async (t) => {
  const count = 200_000
  const list = Array.from({ length: count }, (_, i) => `u${i}@h.example`).join(',\n ')
  const { field, addresses } = read(`To: ${list}\n`)
  t.equal(addresses.length, count)
  t.equal(addresses[0], `u${count - 1}@h.example`)
  t.equal(field?.split(/,\s+/).length, count)
})

t.test('a quarter of a million marks, brackets or comments without a comma are no trouble, one more is too many', async (t) => {
  for (const part of [',', '@', '.', '<', ':', ';', '(c)', 'a ', '(()())', '<a>', 'g:;', '\\"', '"'])
    read(`To: ${part.repeat(addressTokens / 4)}\n`)
  t.doesNotThrow(() => read(`To: ${'.'.repeat(addressTokens)}\n`))
  t.throws(() => read(`To: ${'.'.repeat(addressTokens + 1)}\n`), { message: /\(#5\.3\.4\)$/ })
  t.doesNotThrow(() => read(`To: ${'.,'.repeat(addressTokens + 1)}\n`))
})

t.test('comments nested ten million deep, and words of ten million backslashes, are one token', async (t) => {
  const n = 10_000_000
  const nested = read(`To: ${'('.repeat(n)}x${')'.repeat(n)}a@b.c\n`)
  t.same(nested.addresses, ['a@b.c'])
  t.match(nested.field, /^To: (?:\(x\) a@b\.c|a@b\.c \(x\))\n$/)
  t.same(
    read(`To: ${'\\\\'.repeat(n)}@b.c\n`).addresses.map((address) => address.length),
    [n + 4],
  )
})

t.test('a rewritten field that outgrows its limit is refused before it fills the memory', async (t) => {
  const count = Math.ceil(rewrittenFieldBytes / ' someone.with.a.name,'.length)
  t.throws(() => read(`To: ${'someone.with.a.name,'.repeat(count)}\n`), { message: /\(#5\.3\.4\)$/ })
})

t.test('a rewritten list stays as it is when it is rewritten again', async () => {
  const address = fc.constantFrom('joe', 'joe@h', 'a.b@c.d', '<x>', 'Name <y@z>', '"q r"@h', '(c) x', 'u@[1.2.3.4]', 'g: a, b;', '')
  fc.assert(
    fc.property(fc.array(address, { maxLength: 12 }), (addresses) => {
      const once = rewritten(`To: ${addresses.join(', ')}`)
      return once !== undefined && read(once).field === once
    }),
    { seed: 1, numRuns: 500 },
  )
})

t.test('D10: a capital word, a comma and a name with an address is one name that nobody has quoted', async (t) => {
  const names = (list: string): string[] => {
    const found: string[] = []
    rewriteAddressList(`To: ${list}\n`, (address, isName) => {
      if (isName) found.push(addressText(address))
    })
    return found
  }
  for (const list of ['Smith, John <j@x>', 'a@b, Smith, John Q. (Sales) <j@x>, c@d', '\xd6ster, J\xf6rg <j@x>', 'grp: Smith, John <j@x>;'])
    t.equal(names(list).length, 1, list)
  t.same(names('van Dyke, Dick <d@x>'), ['Dyke'])
  t.same(names('Acme, Inc. <i@x>'), ['Acme'])
  for (const list of [
    ['joe, bob', 'Joe, Bob', 'joe, Bob <b@x>', 'Joe@here, Bob <b@x>', 'Joe, <b@x>', '<Joe>, Bob <b@x>', 'Joe <j@x>, Bob <b@x>'],
    ['"Smith, John" <j@x>', 'Joe, grp: Bob <b@x>;', 'Joe, b@x', 'Joe, b@x, Bob <b@x>', 'HOST!joe, Bob <b@x>', 'Joe%a, Bob <b@x>'],
  ].flat())
    t.same(names(list), [], list)
})
