import { stsPolicyBytes, stsPolicySeconds } from '@yabumi/limits'
import t from 'tap'
import { parsePolicy, policyIn } from '../src/index.ts'

const text = 'version: STSv1\r\nmode: enforce\r\nmx: MX.example.org\r\nmx: *.example.net.\r\nmax_age: 86400\r\n'

t.test('a policy has a mode, names in lower case, and a time', async (t) => {
  t.same(parsePolicy(text), { mode: 'enforce', mx: ['mx.example.org', '*.example.net'], maxAge: 86_400 })
  t.same(parsePolicy(`${text}mode: none\nmax_age: 1\nnew-key: word`), parsePolicy(text), 'the first line of a key counts')
})

t.test('a policy is as long as it may be, and counts as long as it may', async (t) => {
  const filler = (bytes: number): string => `${text}x: ${'y'.repeat(bytes - text.length - 3)}`
  t.ok(parsePolicy(filler(stsPolicyBytes)))
  t.equal(parsePolicy(filler(stsPolicyBytes + 1)), undefined)
  t.equal(parsePolicy(text.replace('86400', '9999999999'))?.maxAge, stsPolicySeconds)
})

t.test('an answer must be the text itself', async (t) => {
  const response = { status: 200, contentType: 'Text/Plain; charset=utf-8', body: text }
  t.type(policyIn(response), 'object')
  t.equal(policyIn({ ...response, status: 302 }), 'status 302')
  t.equal(policyIn({ ...response, contentType: 'text/plainer' }), 'not text/plain')
  t.equal(policyIn({ ...response, body: '<html>' }), 'not a policy')
  t.equal(policyIn({ ...response, body: text.replace('mx.', 'm/x.').replace('MX', 'm/x') }), 'not a policy')
})
