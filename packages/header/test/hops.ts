import fc from 'fast-check'
import t from 'tap'
import { HopCounter } from '../src/index.ts'

function count(text: string, size = text.length): number {
  const counter = new HopCounter()
  for (let start = 0; start < text.length; start += size) counter.push(Buffer.from(text.slice(start, start + size)))
  return counter.hops
}

t.test('a header’s lines count that begin with received or delivered, in any case', async (t) => {
  t.equal(count('Received: a\n\tb\nRECEIVED-SPF: x\ndelivered-To: y\nSubject: received\n Received: folded\n'), 3)
  t.equal(count('Received: a\n\nReceived: in the body\n'), 1)
  t.equal(count('\nReceived: a\n'), 0)
  t.equal(count('Received: a\r\n\r\nReceived: in the body\r\n'), 1)
  t.equal(count('Receive'), 0)
})

t.test('however a message is cut, its count is the same', async () => {
  const words = fc.constantFrom('Received: a\n', 'Deliv', 'ered-To: b\n', '\n', 'Subject: c\n', ' ', 'rEceived')
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), fc.integer({ min: 1, max: 20 }), (parts, size) => {
      const text = parts.join('')
      return text === '' || count(text, size) === count(text)
    }),
    { numRuns: 2000, seed: 6 },
  )
})
