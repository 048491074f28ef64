import fc from 'fast-check'
import t from 'tap'
import { EnvelopeScanner, encodeEnvelope, type ScanResult } from '../src/index.ts'

/** Scan a wire cut into pieces. @returns the result, and the records that were passed on */
function scan(wire: Buffer, cuts: readonly number[] = []): { result: ScanResult; records: string; atRecordEnd: boolean } {
  const scanner = new EnvelopeScanner()
  const ends = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].sort((a, b) => a - b)
  let records = ''
  let start = 0
  for (const end of [...ends, wire.length]) {
    const piece = wire.subarray(start, end)
    const result = scanner.scan(piece)
    if (result === 'more' || result === 'complete') records += piece.toString('latin1', 0, scanner.recordBytes)
    if (result !== 'more') return { result, records, atRecordEnd: scanner.atRecordEnd }
    start = end
  }
  return { result: 'more', records, atRecordEnd: scanner.atRecordEnd }
}

const address = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('\0', ''))
const envelope = fc.record({ sender: address, recipients: fc.array(address, { maxLength: 5 }) })
const cuts = fc.array(fc.nat(300), { maxLength: 6 })

t.test('the scanner finds the end of every envelope, however it is cut', async (t) => {
  fc.assert(
    fc.property(envelope, cuts, (envelope, cuts) => {
      const wire = encodeEnvelope(envelope)
      const { result, records } = scan(Buffer.concat([wire, Buffer.from('rest')]), cuts)
      return result === 'complete' && records === wire.toString('latin1', 0, wire.length - 1)
    }),
    { seed: 20261122 },
  )
  t.pass()
})

t.test('the scanner says the same of any bytes, however they are cut', async (t) => {
  const letter = fc.constantFrom('F', 'T', '\0', 'x')
  const wire = fc.array(letter, { maxLength: 60 }).map((letters) => Buffer.from(letters.join(''), 'latin1'))
  fc.assert(
    fc.property(wire, cuts, (wire, cuts) => scan(wire, cuts).result === scan(wire).result),
    { seed: 20261122 },
  )
  t.pass()
})

const cases: [string, string, ScanResult, boolean][] = [
  ['an empty envelope', '', 'more', false],
  ['a sender only', 'Fs\0', 'more', true],
  ['half a sender', 'Fs', 'more', false],
  ['a whole recipient', 'Fs\0Tr\0', 'more', true],
  ['half a recipient', 'Fs\0Tr', 'more', false],
  ['a letter only', 'Fs\0T', 'more', false],
  ['an empty sender and nobody', 'F\0\0', 'complete', true],
  ['NUL first', '\0', 'format', false],
  ['T first', 'Tr\0', 'format', false],
  ['two senders', 'Fs\0Fs\0', 'format', true],
  ['1002 bytes', `F${'s'.repeat(1002)}\0`, 'more', true],
  ['1003 bytes', `F${'s'.repeat(1003)}\0`, 'long', false],
  ['1003 bytes without an end', `Fs\0T${'s'.repeat(1003)}`, 'long', false],
]
for (const [what, wire, result, atRecordEnd] of cases) {
  t.test(`the scanner judges ${what}`, async (t) => {
    const found = scan(Buffer.from(wire, 'latin1'))
    t.equal(found.result, result)
    if (result !== 'long' && result !== 'format') t.equal(found.atRecordEnd, atRecordEnd)
  })
}
