import t from 'tap'
import { numberAt } from '../src/number.ts'

t.test('a number is the digits that a text starts with', async (t) => {
  t.equal(numberAt('12x'), 12)
  t.equal(numberAt('007'), 7)
  t.equal(numberAt('0'), 0)
  for (const text of ['', 'x1', ' 1', '-1', '+1']) t.equal(numberAt(text), undefined, JSON.stringify(text))
})

t.test('a number wraps at 64 bits, as in the reference', async (t) => {
  t.equal(numberAt('18446744073709551616'), 0)
  t.equal(numberAt('18446744073709551617'), 1)
  t.equal(numberAt(`${2n ** 64n * 10n ** 40n + 3n}`), 3)
})
