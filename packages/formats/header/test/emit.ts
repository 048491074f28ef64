import t from 'tap'
import { emitField, rewriteAddressList, tokenise } from '../src/index.ts'

const keep = (field: string) => rewriteAddressList(field, () => undefined)
const emit = (text: string) => emitField('To', tokenise(text) ?? [])

t.test('a space goes behind colons and commas, before <, and between words', async (t) => {
  t.equal(emit('a,b;c:d'), 'To: a, b;c: d\n')
  t.equal(emit('a<b>c'), 'To: a <b>c\n')
  t.equal(emit('a"b"(c)[d]e'), 'To: a "b" (c) [d] e\n')
  t.equal(emit('a @ b . c'), 'To: a@b.c\n')
  t.equal(emit(''), 'To:\n')
})

t.test('brackets, quotes and backslashes in words are escaped, a line end is a blank', async (t) => {
  t.equal(emitField('X', [{ kind: 'quoted', text: '"[]()\\\r\n\t,' }]), 'X: "\\"\\[\\]\\(\\)\\\\ ,"\n')
  t.equal(emitField('X', [{ kind: 'atom', text: 'a"b' }]), 'X: a\\"b\n')
})

t.test('a line is filled up to 78 bytes with its comma, and no further', async (t) => {
  const of = (length: number) => 'x'.repeat(length)
  // "To: " + 36 + ", " + 35 + "," is 78 bytes
  t.equal(keep(`To: ${of(36)}, ${of(35)}, z\n`), `To: ${of(36)}, ${of(35)},\n  z\n`)
  t.equal(keep(`To: ${of(36)}, ${of(36)}, z\n`), `To: ${of(36)},\n  ${of(36)}, z\n`)
  // a continuation line starts with two spaces, which count
  t.equal(keep(`To: ${of(80)}, ${of(37)}, ${of(36)}, z\n`), `To: ${of(80)},\n  ${of(37)}, ${of(36)},\n  z\n`)
  t.equal(keep(`To: ${of(80)}, ${of(37)}, ${of(37)}, z\n`), `To: ${of(80)},\n  ${of(37)},\n  ${of(37)}, z\n`)
})

t.test('a single long address stays alone on its line, and is not broken', async (t) => {
  const long = 'x'.repeat(200)
  t.equal(keep(`To: a, ${long}, b\n`), `To: a,\n  ${long},\n  b\n`)
})

t.test('a comma at the end of a full line is followed by an empty piece', async (t) => {
  t.equal(keep(`To: ${'x'.repeat(73)},\n`), `To: ${'x'.repeat(73)},\n`)
  t.equal(keep(`To: ${'x'.repeat(74)},\n`), `To: ${'x'.repeat(74)},\n \n`, 'as qmail writes it')
})
