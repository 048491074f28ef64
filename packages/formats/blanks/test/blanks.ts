import t from 'tap'
import { withoutBlanks, withoutEnd } from '../src/index.ts'

t.test('blanks around a text go, those inside stay', async (t) => {
  for (const [text, without] of [
    ['', ''],
    [' \t ', ''],
    ['\ta b\t', 'a b'],
    ['a', 'a'],
    ['\u00a0a\r\n', '\u00a0a\r\n'],
  ] as const)
    t.equal(withoutBlanks(text), without)
})

t.test('white space at the end of a line goes, that in front stays', async (t) => {
  for (const [line, without] of [
    ['', ''],
    ['\r\n', ''],
    [' a b \t\r\n', ' a b'],
    ['a\u00a0', 'a\u00a0'],
  ] as const)
    t.equal(withoutEnd(line), without)
})
