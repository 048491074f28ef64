import fc from 'fast-check'
import t from 'tap'
import { fieldBody, glimpse } from '../src/index.ts'

const buffers = (pieces: readonly string[]): Buffer[] => pieces.map((piece) => Buffer.from(piece, 'latin1'))

t.test('a glimpse is the fields and the beginning of what is behind them, its last line ended', async (t) => {
  const message = ['A: b\n c\nX: y\n', '\nbody\nmo', 're']
  t.same(await glimpse(buffers(message), 100), { fields: ['A: b\n c\n', 'X: y\n'], text: '\nbody\nmore\n' })
  t.same(await glimpse(buffers(message), 4), { fields: ['A: b\n c\n', 'X: y\n'], text: '\nbod' })
  t.same(await glimpse(buffers(message), 0), { fields: ['A: b\n c\n', 'X: y\n'], text: '' })
  t.same(await glimpse([], 10), { fields: [], text: '' })
  t.same(await glimpse(buffers(['A: b']), 10), { fields: ['A: b\n'], text: '' })
  t.same(await glimpse(buffers(['no header']), 20), { fields: [], text: '\nno header\n' })
})

t.test('a glimpse reads no more than it shows', async (t) => {
  const pieces = buffers(['A: b\n\n', 'x'.repeat(10), 'never'])
  let read = 0
  const counted = (function* () {
    for (const piece of pieces) {
      read += 1
      yield piece
    }
  })()
  t.same(await glimpse(counted, 5), { fields: ['A: b\n'], text: '\nxxxx' })
  t.equal(read, 2)
})

t.test('where a message is cut into pieces does not matter', async () => {
  const piece = fc.constantFrom('A: b\n', 'C', ': d', '\n', '\n', ' e\n', 'From x\n', 'text', '\xff')
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.nat(20), async (pieces, bytes) => {
      const whole = await glimpse(buffers([pieces.join('')]), bytes)
      return JSON.stringify(whole) === JSON.stringify(await glimpse(buffers(pieces), bytes))
    }),
    { seed: 5, numRuns: 500 },
  )
})

t.test('the body of a field has no white space in front', async (t) => {
  t.equal(fieldBody('Subject :\n  \t a b\n c\n'), 'a b\n c\n')
  t.equal(fieldBody('Subject:\n'), '')
})
