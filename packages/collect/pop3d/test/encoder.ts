import fc from 'fast-check'
import t from 'tap'
import { Encoder, growth } from '../src/encoder.ts'

function encode(pieces: readonly Buffer[], bodyLines: number): string {
  const encoder = new Encoder(bodyLines)
  let output = ''
  for (const piece of pieces) {
    const room = Buffer.alloc(piece.length * growth + 3)
    const end = encoder.encode(piece, piece.length, room, 3)
    t.ok(end <= room.length)
    output += room.toString('latin1', 3, end)
    if (encoder.full) break
  }
  return output + encoder.end()
}

/** The rule once more, line by line (spec §6.3). */
function plainly(message: string, bodyLines: number): string {
  const lines = message.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const blank = lines.indexOf('')
  const wanted = blank < 0 ? lines : lines.slice(0, blank + 1 + bodyLines)
  return [...wanted.map((line) => (line.startsWith('.') ? `.${line}` : line)), '', '.', ''].join('\r\n')
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place))
}

t.test('any message, in any pieces, is sent as the rule says', async (t) => {
  const words = fc.array(fc.constantFrom('\n', '.', '..', 'a', 'X: y\n', '\r\n', '\r', '\n\n', '\xff', '\0', '.\n'), { maxLength: 30 })
  const lines = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(8))
  fc.assert(
    fc.property(words, lines, fc.array(fc.nat(100), { maxLength: 6 }), (parts, bodyLines, cuts) => {
      const message = parts.join('')
      const expected = message === '' ? '\r\n.\r\n' : plainly(message, bodyLines)
      t.equal(encode(pieces(Buffer.from(message, 'latin1'), cuts), bodyLines), expected, JSON.stringify([message, bodyLines]))
    }),
    { seed: 6, numRuns: 1000 },
  )
})
