import fc from 'fast-check'
import t from 'tap'
import { addressText, emitField, tokenise } from '../src/index.ts'

const shown = (text: string) => tokenise(text)?.map(({ kind, text }) => (kind === text ? kind : `${kind}:${text}`))

t.test('tokenise tells marks, atoms, quoted strings, literals and comments apart', async (t) => {
  t.same(shown('joe (c) "q r"@[1.2] <x.y>,:;'), [
    'atom:joe',
    'comment:c',
    'quoted:q r',
    '@',
    'literal:1.2',
    '<',
    'atom:x',
    '.',
    'atom:y',
    '>',
    ',',
    ':',
    ';',
  ])
  t.same(shown(' \t\r\n'), [])
})

t.test('tokenise lets a backslash take the next byte anywhere', async (t) => {
  t.same(shown('a\\"b'), ['atom:a"b'])
  t.same(shown('a\\ b'), ['atom:a b'])
  t.same(shown('"a\\"b"'), ['quoted:a"b'])
  t.same(shown('[a\\]b]'), ['literal:a]b'])
  t.same(shown('(a\\)b\\()'), ['comment:a)b('])
  t.same(shown('a\\\n b'), ['quoted:a\n', 'atom:b'])
  t.same(shown('b\\'), ['atom:b'], 'a backslash at the very end has nothing to take')
})

t.test('tokenise drops inner parentheses, however deep', async (t) => {
  t.same(shown('(a (b (c)) d)'), ['comment:a b c d'])
  t.same(shown(`${'('.repeat(100_000)}x${')'.repeat(100_000)}`), ['comment:x'])
  t.equal(tokenise(`${'('.repeat(100_000)}x`), undefined)
})

t.test('tokenise takes an atom with a byte that no atom may hold for a quoted string', async (t) => {
  t.same(shown('x@y.z)'), ['atom:x', '@', 'atom:y', '.', 'quoted:z)'])
  t.same(shown('J\xf6e \x01 a]b c\x7f'), ['quoted:J\xf6e', 'quoted:\x01', 'quoted:a]b', 'quoted:c\x7f'])
})

t.test('tokenise refuses what does not end, and closing brackets that nothing opened', async (t) => {
  for (const text of ['"a', '(a', '[a', ')', ' ]', '"a\\"', '(\\', 'a, )']) t.equal(tokenise(text), undefined, text)
})

t.test('addressText drops quoting and comments, keeps the brackets of a literal, and ends at a NUL', async (t) => {
  t.equal(addressText(tokenise('"a b"@(c)[1.2.3.4]') ?? []), 'a b@[1.2.3.4]')
  t.equal(addressText(tokenise('a\0b@c') ?? []), 'a')
})

t.test('tokens survive being written and read again', async () => {
  const word = fc.record({
    kind: fc.constantFrom('quoted' as const, 'literal' as const, 'comment' as const),
    text: fc.uint8Array({ maxLength: 6 }).map((bytes) =>
      Buffer.from(bytes)
        .toString('latin1')
        .replace(/[\r\n]/g, ' '),
    ),
  })
  const mark = fc.constantFrom('.', ',', '@', '<', '>', ':', ';').map((text) => ({ kind: text as '.', text }))
  fc.assert(
    fc.property(fc.array(fc.oneof(word, mark)), (tokens) => {
      const read = tokenise(emitField('To', tokens).slice('To:'.length))
      return JSON.stringify(read) === JSON.stringify(tokens)
    }),
    { seed: 1 },
  )
})

t.test('any bytes are taken apart or refused', async () => {
  const soup = fc.string({ unit: fc.constantFrom(...'a.,@<>:;()[]"\\ \t\n\xff\0+'), maxLength: 40 })
  fc.assert(
    fc.property(soup, (text) => {
      const tokens = tokenise(text)
      return tokens === undefined || tokens.length <= text.length
    }),
    { seed: 1, numRuns: 2_000 },
  )
})
