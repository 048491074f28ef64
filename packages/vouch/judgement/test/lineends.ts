import { readFileSync } from 'node:fs'
import t from 'tap'
import { WireLineEnds } from '../src/lineends.ts'

t.test('line ends become those of the wire, however the message is cut', async (t) => {
  const text = `${readFileSync(import.meta.filename, 'latin1').slice(0, 2_000)}a\r\nb\r\rc\n\n\r\n`
  const expected = text.replace(/(?<!\r)\n/g, '\r\n')
  for (const size of [1, 2, 7, 5_000]) {
    const ends = new WireLineEnds('any')
    let wire = ''
    for (let at = 0; at < text.length; at += size) wire += ends.convert(Buffer.from(text.slice(at, at + size), 'latin1')).toString('latin1')
    t.equal(wire, expected, `pieces of ${size}`)
  }
})

t.test('in a message of the queue a CR before an LF belongs to the line', async (t) => {
  const ends = new WireLineEnds('queue')
  t.equal(ends.convert(Buffer.from('a\r')).toString(), 'a\r')
  t.equal(ends.convert(Buffer.from('\nb\r\n\n')).toString(), '\r\nb\r\r\n\r\n')
})
