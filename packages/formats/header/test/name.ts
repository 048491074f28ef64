import t from 'tap'
import { fieldName, knownName } from '../src/index.ts'

t.test('knownName ignores case, and blanks before the colon', async (t) => {
  t.equal(knownName('TO: a\n'), 'to')
  t.equal(knownName('Resent-Message-Id \t: a\n'), 'resent-message-id')
  t.equal(knownName('notice-requested-UPON-delivery-to:'), 'notice-requested-upon-delivery-to')
  t.equal(knownName('Tox: a\n'), undefined)
  t.equal(knownName('To a\n'), undefined)
})

t.test('fieldName takes bytes 33 to 126 and nothing else for a name', async (t) => {
  t.equal(fieldName('!~: x'), '!~')
  t.equal(fieldName('A:b:c'), 'A')
  for (const line of [': x', ' : x', 'a b: x', 'a\x7f: x', '\x80: x', 'abc', '']) t.equal(fieldName(line), undefined, line)
})
