import { spareMessageBytes } from '@yabumi/limits'
import fc from 'fast-check'
import t from 'tap'
import { AnswerDecoder, encodeAnswer, encodeOrder, OrderDecoder, ReportText } from '../src/index.ts'

const bytes = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 20 })

/** The stream cut into pieces of one to seven bytes. */
function pieces(stream: Buffer, seed: number): Buffer[] {
  const parts: Buffer[] = []
  for (let start = 0, length = 1; start < stream.length; start += length, length = 1 + ((length * 31 + seed) % 7)) {
    parts.push(stream.subarray(start, start + length))
  }
  return parts
}

t.test('orders and answers arrive as they were sent, however the stream is cut', (t) => {
  const args = fc.array(bytes, { minLength: 8, maxLength: 8 })
  const message = fc.uint8Array({ maxLength: 40 }).map((content) => Buffer.from(content))
  const order = fc.record({ id: fc.nat(), args, message }, { requiredKeys: ['id', 'args'] })
  fc.assert(
    fc.property(fc.array(order, { maxLength: 5 }), fc.nat(100), (orders, seed) => {
      const decoder = new OrderDecoder()
      t.same(
        pieces(Buffer.concat(orders.flatMap(encodeOrder)), seed).flatMap((piece) => decoder.push(piece)),
        orders,
      )
    }),
    { numRuns: 100, seed: 1 },
  )
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.nat(), exit: fc.nat(255), text: bytes }), { maxLength: 5 }), fc.nat(100), (answers, seed) => {
      const decoder = new AnswerDecoder()
      t.same(
        pieces(Buffer.concat(answers.map(encodeAnswer)), seed).flatMap((piece) => decoder.push(piece)),
        answers,
      )
    }),
    { numRuns: 100, seed: 2 },
  )
  t.end()
})

t.test('what is no stream of orders is refused before it fills the memory', (t) => {
  const endless = new OrderDecoder()
  t.throws(() => {
    for (let n = 0; n < 1000; n += 1) endless.push(Buffer.alloc(1000, 'x'))
  }, /too long/)
  const fields = 'a\0'.repeat(8)
  t.throws(() => new OrderDecoder().push(Buffer.from(`one\0${fields}0\0`)), /no number/)
  t.throws(() => new OrderDecoder().push(Buffer.from(`1\0${fields}-1\0`)), /no number/)
  t.throws(() => new OrderDecoder().push(Buffer.from(`1\0${fields}${spareMessageBytes + 1}\0`)), /too long/)
  t.same(new OrderDecoder().push(Buffer.from(`1\0${fields}${spareMessageBytes}\0${'x'.repeat(spareMessageBytes)}`)).length, 1)
  t.end()
})

t.test('what is no stream of answers is refused before it fills the memory', (t) => {
  const endless = new AnswerDecoder()
  t.throws(() => {
    for (let n = 0; n < 100; n += 1) endless.push(Buffer.alloc(1000, 'x'))
  }, /too long/)
  t.throws(() => new AnswerDecoder().push(Buffer.from('one\x000\0text\0')), /no number/)
  t.throws(() => new AnswerDecoder().push(Buffer.from('1\x00256\0text\0')), /no exit code/)
  t.throws(() => new AnswerDecoder().push(Buffer.from('\0\0\0')), /no number/)
  t.end()
})

t.test('a report is cut whenever it exceeds 3000 bytes', (t) => {
  const cut = `${'x'.repeat(2966)}\nError report too long, sorry.\n`
  function after(length: number): string {
    const text = new ReportText()
    text.append(Buffer.alloc(length, 'x'))
    return String(text)
  }
  t.equal(after(3000), 'x'.repeat(3000))
  t.equal(after(3001), cut)
  t.equal(after(3072), cut)
  t.equal(after(3074), `${cut}xx`, 'what a read of its own brings and still fits is kept')
  t.equal(after(3076), cut)
  t.equal(after(1_000_000), cut)
  t.end()
})

t.test('a report ends at its first NUL', (t) => {
  const text = new ReportText()
  text.append(Buffer.from('one\0two'))
  text.append(Buffer.from('three'))
  t.equal(String(text), 'one')
  t.end()
})
