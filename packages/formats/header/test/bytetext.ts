import t from 'tap'
import { ByteStrings, ByteText } from '../src/bytetext.ts'

t.test('a text is what was appended, whatever the parts, up to its limit and not one byte more', async (t) => {
  for (const parts of [[], [''], ['a', 'b\0\xff'], ['x'.repeat(65_536)], ['y'.repeat(200_000), 'z'], ['1'.repeat(65_535), '23', '4']]) {
    const whole = parts.join('')
    const text = new ByteText(whole.length, 'text')
    for (const part of parts) text.append(part)
    t.equal(text.lengthBytes, whole.length)
    t.ok(Buffer.concat([...text.blocks()]).toString('latin1') === whole)
    t.throws(() => text.append('x'), { message: `text is longer than ${whole.length} bytes (#5.3.4)` })
  }
})

t.test('strings come back in order, also those that lie across blocks', async (t) => {
  const strings = new ByteStrings(10_000_000, 'list')
  const given = Array.from({ length: 5_000 }, (_, n) => 'ab\xe9'.repeat(n % 41) + n)
  given.push('', 'c'.repeat(70_000), '')
  for (const one of given) strings.push(one)
  t.same([...strings], given)
  t.same([...strings], given, 'as often as asked')
})
