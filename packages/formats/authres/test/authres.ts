// Authentication-Results: what is read of what people write, and that what is written is read again.
import t from 'tap'
import { readAuthResults, readId, resultsText } from '../src/index.ts'

function read(value: string): unknown {
  const { id, results } = readAuthResults(value)
  return { id, results: results.map(({ properties, ...rest }) => ({ ...rest, properties: Object.fromEntries(properties) })) }
}

t.test('blanks, comments and quotes stand where the grammar has them', async (t) => {
  const value =
    '(a (b\\) c)) "mx.example.org" (v) 1 ;\r\n\tdkim / 1 (x) = (y) Pass (z) reason = "so; \\"it\\" is" header . d = "a b" (q) header.b=Ab/+=='
  t.same(read(value), {
    id: 'mx.example.org',
    results: [{ method: 'dkim', result: 'pass', reason: 'so; "it" is', properties: { 'header.d': 'a b', 'header.b': 'Ab/+==' } }],
  })
})

t.test('what is no result is passed over, and the next one counts', async (t) => {
  const values = [
    'x; ; spf=pass',
    'x; none; spf=pass',
    'x; =y; spf=pass',
    'x; a b c=d; spf=pass',
    'x; "q;r" ; spf=pass',
    'x; dkim=; spf=pass',
  ]
  for (const value of values) t.match(readAuthResults(value).results.at(-1), { method: 'spf', result: 'pass' }, value)
  t.same(read('x; spf=pass smtp.mailfrom'), { id: 'x', results: [{ method: 'spf', result: 'pass', properties: {} }] })
  t.same(read('(never closed; spf=pass'), { id: '', results: [] })
  t.same(read('"never closed; spf=pass'), { id: 'never closed; spf=pass', results: [] })
})

t.test('the first of two properties counts', async (t) => {
  t.same(read('x; spf=pass smtp.helo=a smtp.helo=b'), {
    id: 'x',
    results: [{ method: 'spf', result: 'pass', properties: { 'smtp.helo': 'a' } }],
  })
})

t.test('who says so is found whatever stands before it', async (t) => {
  for (const value of ['mx.example.org; none', ' (x)\r\n mx.example.org 1; none', '"mx.example.org";', 'mx.example.org(x)'])
    t.equal(readId(value), 'mx.example.org', value)
})

t.test('what is written is read again', async (t) => {
  const properties = new Map([
    ['smtp.mailfrom', 'joe;x@example.org'],
    ['header.b', 'a/+='],
  ])
  const results = [{ method: 'spf', result: 'fail', reason: 'not "here"', properties }]
  const text = resultsText('mx.example.org', results, ['a (comment)'])
  t.equal(text, 'mx.example.org;\r\n\tspf=fail (a ?comment?) reason="not \\"here\\"" smtp.mailfrom="joe;x@example.org" header.b="a/+="')
  t.same(readAuthResults(text).results, results)
  t.equal(resultsText('mx.example.org', []), 'mx.example.org; none')
})
