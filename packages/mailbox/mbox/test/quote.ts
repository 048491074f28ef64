import fc from 'fast-check'
import t from 'tap'
import { FromQuoter } from '../src/quote.ts'

/** The rule itself, on the whole message. */
function quoted(message: string): string {
  const lines = message.replace(/^(>*From )/gm, '>$1')
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`
}

function inPieces(message: string, cuts: number[]): string {
  const quoter = new FromQuoter()
  const output: Buffer[] = []
  let start = 0
  for (const cut of [...cuts.map((cut) => Math.min(cut, message.length)).sort((a, b) => a - b), message.length]) {
    output.push(...quoter.push(Buffer.from(message.slice(start, cut), 'latin1')))
    start = cut
  }
  return Buffer.concat([...output, quoter.end()]).toString('latin1')
}

t.test('lines of > and From are quoted, others are not', (t) => {
  const message = 'From x\n>From y\n>>From z\n From w\nfrom v\nFrom\nFromx\n>>\nFFrom \nFrom '
  t.equal(inPieces(message, []), '>From x\n>>From y\n>>>From z\n From w\nfrom v\nFrom\nFromx\n>>\nFFrom \n>From \n')
  t.equal(inPieces('', []), '')
  t.end()
})

t.test('quoting is the same wherever the message is cut', (t) => {
  const words = fc.constantFrom('From ', '>', 'Fro', 'F', 'm ', '\n', 'x', ' ', 'From', '>>From ')
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), fc.array(fc.nat(100), { maxLength: 20 }), (parts, cuts) => {
      const message = parts.join('')
      return inPieces(message, cuts) === quoted(message)
    }),
    { numRuns: 5000, seed: 11 },
  )
  t.end()
})

t.test('a line of nothing but > is not held back, however long', (t) => {
  const quoter = new FromQuoter()
  const piece = Buffer.alloc(100_000, '>')
  let length = 0
  for (let n = 0; n < 100; n += 1) length += Buffer.concat(quoter.push(piece)).length
  t.equal(length, 100 * 100_000)
  t.equal(Buffer.concat([...quoter.push(Buffer.from('From ')), quoter.end()]).toString(), '>From \n')
  t.end()
})
