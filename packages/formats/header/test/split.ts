import fc from 'fast-check'
import t from 'tap'
import { HeaderSplitter } from '../src/index.ts'

interface Parts {
  fields: string[]
  rest: string | undefined
}

function split(pieces: readonly string[], limit = 1_000_000): Parts {
  const splitter = new HeaderSplitter(limit)
  for (const [i, piece] of pieces.entries()) {
    const rest = splitter.push(Buffer.from(piece, 'latin1'))
    if (rest !== undefined) return { fields: splitter.fields, rest: rest.toString('latin1') + pieces.slice(i + 1).join('') }
  }
  const rest = splitter.end()
  return { fields: splitter.fields, rest: rest?.toString('latin1') }
}

t.test('a header of fields, an empty line and a body', async (t) => {
  t.same(split(['A: b\nC: d\n\nbody\n\nmore']), { fields: ['A: b\n', 'C: d\n'], rest: '\nbody\n\nmore' })
})

t.test('a folded field keeps its lines', async (t) => {
  t.same(split(['A: b\n c\n\td\n \nE: f\n\n']), { fields: ['A: b\n c\n\td\n \n', 'E: f\n'], rest: '\n' })
})

t.test('a message without a body', async (t) => {
  t.same(split(['A: b\nC: d\n']), { fields: ['A: b\n', 'C: d\n'], rest: undefined })
  t.same(split(['A: b']), { fields: ['A: b\n'], rest: undefined }, 'its last line is ended')
  t.same(split([]), { fields: [], rest: undefined })
  t.same(split(['']), { fields: [], rest: undefined })
})

t.test('a message without a header', async (t) => {
  t.same(split(['\nbody']), { fields: [], rest: '\nbody' })
  t.same(split(['just text\nA: b\n']), { fields: [], rest: '\njust text\nA: b\n' })
  t.same(split([' A: b\n']), { fields: [], rest: '\n A: b\n' }, 'nothing to continue')
  t.same(split(['text']), { fields: [], rest: '\ntext\n' })
})

t.test('a line that is no field ends the header', async (t) => {
  for (const line of ['a b: c', ':', ' ', 'x\0y: z', '\xe9: x', '>From you']) {
    const header = line === ' ' ? '' : 'A: b\n'
    t.same(split([`${header}${line}\nC: d\n`]).rest, `\n${line}\nC: d\n`, JSON.stringify(line))
  }
})

t.test('an mbox separator becomes a field', async (t) => {
  t.same(split(['From me Thu\n x\nA: b\nFrom : x\n\n']).fields, ['MBOX-Line: From me Thu\n x\n', 'A: b\n', 'MBOX-Line: From : x\n'])
})

t.test('CR is a byte like others', async (t) => {
  t.same(split(['A: b\r\n\r\nx']), { fields: ['A: b\r\n'], rest: '\n\r\nx' })
})

t.test('the limit counts the header and the line that ends it', async (t) => {
  t.same(split(['A: b\n\nbody'], 6).fields, ['A: b\n'])
  t.throws(() => split(['A: b\n\nbody'], 5), { name: 'Trouble', status: '5.3.4' })
  t.throws(() => split(['A: b', 'c'], 4), { name: 'Trouble', status: '5.3.4' })
  t.same(split(['A: b'], 5).fields, ['A: b\n'])
  t.throws(() => split(['A: b'], 4), { name: 'Trouble', status: '5.3.4' })
})

t.test('where the pieces are cut makes no difference', async () => {
  const line = fc.constantFrom('A: b', 'To: c', ' d', '\te', '', 'From x', 'no field', ':', 'a b: c', 'F:')
  const message = fc.array(line, { maxLength: 8 }).chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`))
  fc.assert(
    fc.property(message, fc.array(fc.nat(60), { maxLength: 5 }), (text, cuts) => {
      const at = [0, ...cuts.filter((cut) => cut <= text.length).sort((a, b) => a - b), text.length]
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end))
      const whole = split([text])
      const parts = split(pieces)
      const ended = (rest: string | undefined) => (rest === undefined || rest.endsWith('\n') ? rest : `${rest}\n`)
      return JSON.stringify([parts.fields, ended(parts.rest)]) === JSON.stringify([whole.fields, ended(whole.rest)])
    }),
    { seed: 1, numRuns: 2_000 },
  )
})
