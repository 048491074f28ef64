import t from 'tap'
import { answersOf } from '../src/index.ts'

const ask = answersOf({
  'Example.org': [
    { type: 'MX', data: { preference: 10, exchange: 'mx.example.org' } },
    { type: 'TXT', data: ['v=spf1 ', 'mx -all'] },
    { type: 'TXT', data: ['other'] },
  ],
  'mx.example.org': [{ type: 'A', data: '192.0.2.1' }],
  'www.example.org.': [{ type: 'CNAME', data: 'MX.example.org.' }],
  'loop.example.org': [{ type: 'CNAME', data: 'loop.example.org' }],
  'slow.example.org': [{ type: 'ANY', fail: 'timeout' }],
  'half.example.org': [
    { type: 'TXT', fail: 'servfail' },
    { type: 'A', data: '192.0.2.2' },
  ],
})

t.test('a zone answers with what it has, in any case', async (t) => {
  t.same(await ask('EXAMPLE.org', 'MX'), { kind: 'found', records: [{ priority: 10, exchange: 'mx.example.org' }] })
  t.same(await ask('example.org.', 'TXT'), { kind: 'found', records: ['v=spf1 mx -all', 'other'] })
  t.same(await ask('mx.example.org', 'A'), { kind: 'found', records: ['192.0.2.1'] })
})

t.test('a zone tells a name that is not there from a type that is not, and both from trouble', async (t) => {
  t.same(await ask('none.example.org', 'A'), { kind: 'nxdomain' })
  t.same(await ask('mx.example.org', 'AAAA'), { kind: 'nodata' })
  t.same(await ask('slow.example.org', 'PTR'), { kind: 'trouble', reason: 'timeout' })
  t.same(await ask('half.example.org', 'TXT'), { kind: 'trouble', reason: 'servfail' })
  t.same(await ask('half.example.org', 'A'), { kind: 'found', records: ['192.0.2.2'] })
})

t.test('a zone follows aliases, and not for ever', async (t) => {
  t.same(await ask('www.example.org', 'A'), { kind: 'found', records: ['192.0.2.1'] })
  t.same(await ask('loop.example.org', 'A'), { kind: 'trouble', reason: 'too many aliases' })
})

t.test('what is no zone is refused', async (t) => {
  for (const wrong of [undefined, null, 'text', [], { 'a.example': {} }]) t.throws(() => answersOf(wrong))
})
