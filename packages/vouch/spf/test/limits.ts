import { mock } from 'node:test'
import { spfAnswerBytes, spfExplanationBytes, spfNames, spfSeconds, spfTerms, spfVoidAnswers } from '@yabumi/limits'
import { answersOf } from '@yabumi/zonefile'
import t from 'tap'
import { checkSpf, type SpfVerdict } from '../src/index.ts'

const sender = 'joe@example.org'
const client = { ip: '192.0.2.1', helo: 'client.example', sender }

function check(record: string, more: Readonly<Record<string, unknown>> = {}): Promise<SpfVerdict> {
  const zone = { 'example.org': [{ type: 'TXT', data: record }], ...more }
  return checkSpf(client, { ask: answersOf(zone), nowSeconds: 0 })
}

const addresses = (count: number, data: string): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}.example`, [{ type: 'A', data }]]))
const terms = (count: number): string => Array.from({ length: count }, (_, index) => ` a:h${index}.example`).join('')

t.test('so many terms may ask the DNS, in all records together', async (t) => {
  const hosts = addresses(spfTerms, '192.0.2.9')
  t.match(await check(`v=spf1${terms(spfTerms)} -all`, hosts), { result: 'fail' })
  const more = { ...hosts, 'more.example': [{ type: 'TXT', data: `v=spf1${terms(spfTerms)} ?all` }] }
  t.match(await check('v=spf1 include:more.example -all', more), { result: 'permerror' })
  t.match(await check('v=spf1 redirect=more.example', more), { result: 'permerror' })
  const loop = { 'more.example': [{ type: 'TXT', data: 'v=spf1 redirect=example.org' }] }
  t.match(await check('v=spf1 redirect=more.example', loop), { result: 'permerror' })
})

t.test('so many terms may lead to nothing', async (t) => {
  t.match(await check(`v=spf1${terms(spfVoidAnswers)} -all`), { result: 'fail' })
  t.match(await check(`v=spf1${terms(spfVoidAnswers + 1)} -all`), { result: 'permerror' })
})

t.test('a domain has so many mail hosts, and a client so many names', async (t) => {
  const exchanges = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ type: 'MX', data: { preference: 1, exchange: `h${index}.example` } }))
  const hosts = addresses(spfNames + 1, '192.0.2.1')
  t.match(await check('v=spf1 mx:mx.example -all', { ...hosts, 'mx.example': exchanges(spfNames) }), { result: 'pass' })
  t.match(await check('v=spf1 mx:mx.example -all', { ...hosts, 'mx.example': exchanges(spfNames + 1) }), { result: 'permerror' })
  const names = Array.from({ length: spfNames + 1 }, (_, index) => ({ type: 'PTR', data: `h${index}.example` }))
  const named = { ...hosts, '1.2.0.192.in-addr.arpa': names }
  t.match(await check(`v=spf1 ptr:h${spfNames - 1}.example -all`, named), { result: 'pass' })
  t.match(await check(`v=spf1 ptr:h${spfNames}.example -all`, named), { result: 'fail' })
})

t.test('records have so many bytes', async (t) => {
  const padded = (bytes: number): string => `v=spf1 ${' '.repeat(bytes - 'v=spf1 -all'.length)}-all`
  t.match(await check(padded(spfAnswerBytes)), { result: 'fail' })
  t.match(await check(padded(spfAnswerBytes + 1)), { result: 'permerror' })
})

t.test('an explanation is printable, and short', async (t) => {
  const explained = async (data: string): Promise<string | undefined> =>
    (await check('v=spf1 -all exp=why.example', { 'why.example': [{ type: 'TXT', data }] })).explanation
  t.equal(await explained('%{i} is%_not %{S}'), '192.0.2.1 is not joe%40example.org')
  const six = answersOf({
    'example.org': [{ type: 'TXT', data: 'v=spf1 -all exp=why.example' }],
    'why.example': [{ type: 'TXT', data: '%{c} is %{i8r}.%{v}' }],
  })
  const verdict = await checkSpf({ ...client, ip: '2001:DB8::a' }, { ask: six, nowSeconds: 0 })
  t.equal(verdict.explanation, '2001:db8::a is 8.B.D.0.1.0.0.2.ip6')
  t.equal((await explained('x'.repeat(spfExplanationBytes)))?.length, spfExplanationBytes)
  t.equal((await explained('x'.repeat(spfExplanationBytes + 1)))?.length, spfExplanationBytes)
  t.equal(await explained('a\x1b[2J'), undefined, 'what is no text explains nothing')
  const wild = {
    ask: answersOf({
      'example.org': [{ type: 'TXT', data: 'v=spf1 -all exp=why.example' }],
      'why.example': [{ type: 'TXT', data: '%{h}' }],
    }),
  }
  t.match(await checkSpf({ ...client, helo: 'a\r\nb\xff' }, { ...wild, nowSeconds: 0 }), { explanation: 'a??b?' })
})

t.test('a DNS that does not answer ends in temperror', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let over = false
  const verdict = checkSpf(client, { ask: () => new Promise(() => {}), nowSeconds: 0 }).finally(() => {
    over = true
  })
  mock.timers.tick(spfSeconds * 1000 - 1)
  await null
  t.notOk(over)
  mock.timers.tick(1)
  t.match(await verdict, { result: 'temperror' })
})
