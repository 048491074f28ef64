import t from 'tap'
import { printable, printableText } from '../src/index.ts'

t.test('every byte that is not printable ASCII becomes the character asked for', async (t) => {
  t.equal(printable('info msg 5: \x1b[1m\t100%\xe9', '_'), 'info msg 5: _[1m_100%_')
  t.equal(printable('a\r\nb\x7f\x80~', '?'), 'a??b??~')
  t.equal(printable('as it is', '/'), 'as it is')
})

t.test('text of many lines keeps their ends and its tabs', async (t) => {
  t.equal(printableText('a\tb\r\nc\x1b\n', '?'), 'a\tb?\nc?\n')
})
