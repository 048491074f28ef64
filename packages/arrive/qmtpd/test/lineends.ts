import fc from 'fast-check'
import t from 'tap'
import { LineEndDecoder } from '../src/lineends.ts'

t.test('LineEndDecoder makes LF of CR LF and leaves every other CR, wherever the pieces are cut', async () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', 'a', '\xff'), maxLength: 40 })
  const property = fc.property(text, fc.integer({ min: 1, max: 7 }), (text, size) => {
    const decoder = new LineEndDecoder()
    let decoded = ''
    for (let at = 0; at < text.length; at += size) {
      decoded += decoder.decode(Buffer.from(text.slice(at, at + size), 'latin1')).toString('latin1')
    }
    decoded += decoder.rest().toString('latin1')
    return decoded === text.replaceAll('\r\n', '\n')
  })
  fc.assert(property, { seed: 5, numRuns: 500 })
})
