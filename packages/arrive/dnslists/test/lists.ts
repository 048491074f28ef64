import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dnsListSeconds, dnsListTestSeconds, dnsListTroubleSeconds, replyTextBytes } from '@yabumi/limits'
import t from 'tap'
import { type Ask, type DnsList, type DnsLists, parseList, readAnswer, readDnsLists, reversed } from '../src/index.ts'
import { ListJudge } from '../src/judge.ts'
import { Standing } from '../src/standing.ts'

function listOf(line: string): DnsList {
  const list = parseList(line)
  if (list === undefined) throw new Error(line)
  return list
}

/** A DNS that has these names; what is `trouble` or `silence` is that. */
function dns(names: Readonly<Record<string, string>>): { ask: Ask; asked: string[] } {
  const asked: string[] = []
  const ask = async (name: string, type: string): Promise<unknown> => {
    asked.push(`${type} ${name}`)
    const data = names[`${type} ${name}`] ?? names[name]
    if (data === 'silence') return await new Promise(() => setTimeout(() => {}, 0))
    if (data === 'trouble') return { kind: 'trouble', reason: 'SERVFAIL' }
    return data === undefined ? { kind: 'nxdomain' } : { kind: 'found', records: data.split(' or ') }
  }
  return { ask: ask as Ask, asked }
}

const alive = { 'A 2.0.0.127.bl.example': '127.0.0.2', 'A 2.0.0.127.wl.example': '127.0.0.2', 'A 2.0.0.127.light.example': '127.0.0.2' }
const lists = (blocking: string[], passing: string[] = [], domains: string[] = []): DnsLists =>
  ({ blocking: blocking.map(listOf), passing: passing.map(listOf), domains: domains.map(listOf) }) as DnsLists

t.test('a line is a zone, answers and a weight', async (t) => {
  t.match(parseList('Zen.Example.ORG'), { zone: 'zen.example.org', weight: 1 })
  t.match(parseList('a.b:0.5'), { zone: 'a.b', weight: 0.5 })
  for (const bad of [
    '',
    'zone',
    'a.b:',
    'a.b:=',
    'a.b:=1.2.3.4',
    'a.b:=127.0.0.9-2',
    'a.b:=127.0.0.2-256',
    'a.b:=127.0.0.2-3-4',
    'a b.c',
    'a.b:1:=127.0.0.2',
  ])
    t.equal(parseList(bad), undefined, bad)
  const key = 'abcdefghij0123456789abcdef'
  t.match(parseList(`${key}.zen.dq.example.net:=127.0.0.2-11`), { zone: `${key}.zen.dq.example.net`, name: 'zen.dq.example.net' })
})

t.test('an answer counts where it is within the ranges', async (t) => {
  const list = listOf('a.b:=127.0.0.2,127.0.0.4-7:2')
  for (const yes of ['127.0.0.2', '127.0.0.4', '127.0.0.7']) t.equal(readAnswer(yes, list), 'listed', yes)
  for (const no of ['127.0.0.1', '127.0.0.3', '127.0.0.8', '127.0.1.4']) t.equal(readAnswer(no, list), 'other', no)
  const any = listOf('a.b')
  t.equal(readAnswer('127.9.9.9', any), 'listed')
  t.equal(readAnswer('127.255.255.254', any), 'refused')
  for (const odd of ['192.0.2.1', '127.0.0', '127.0.0.256', 'x']) t.equal(readAnswer(odd, any), 'odd', odd)
})

t.test('questions are turned round, IPv6 by its digits', async (t) => {
  t.equal(reversed('192.0.2.7'), '7.2.0.192')
  t.equal(reversed('::ffff:192.0.2.7'), '7.2.0.192')
  t.equal(reversed('2001:db8::1'), `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2`)
  t.equal(reversed('unknown'), undefined)
})

t.test('weights are added, and the heaviest list has the word', async (t) => {
  const { ask } = dns({
    ...alive,
    'A 7.2.0.192.bl.example': '127.0.0.3',
    'A 7.2.0.192.light.example': '127.0.0.3',
    'TXT 7.2.0.192.bl.example': `see ${'x'.repeat(replyTextBytes)}\r\n`,
  })
  const judge = new ListJudge(() => t.fail('logged'), ask)
  const verdict = await judge.judge({ address: '192.0.2.7', domains: [] }, lists(['light.example:0.4', 'bl.example:0.6']))
  t.match(verdict, { score: 1, list: 'bl.example' })
  t.equal(verdict.text.length, replyTextBytes)
  t.match(await judge.judge({ address: '192.0.2.8', domains: [] }, lists(['bl.example'])), { score: 0 })
  t.match(await judge.judge({ address: '192.0.2.7', domains: [] }, lists(['bl.example:=127.0.0.9'])), { score: 0 })
})

t.test('a list of those who are well overrules the others', async (t) => {
  const { ask } = dns({ ...alive, 'A 7.2.0.192.bl.example': '127.0.0.3', 'A 7.2.0.192.wl.example': '127.0.0.3' })
  const verdict = await new ListJudge(() => {}, ask).judge({ address: '192.0.2.7', domains: [] }, lists(['bl.example'], ['wl.example']))
  t.match(verdict, { score: 0, passedBy: 'wl.example' })
})

t.test('domains are asked for by their names, and only names that can be', async (t) => {
  const { ask, asked } = dns({ 'A bad.example.dbl.example': '127.0.1.2' })
  const judge = new ListJudge(() => {}, ask)
  const domains = ['mx.fine.example', 'BAD.example.', '192.0.2.7', 'localhost', '[1.2.3.4]', 'x\0y.example', `${'a.'.repeat(100)}b`]
  t.match(await judge.judge({ address: '192.0.2.7', domains }, lists([], [], ['dbl.example'])), { score: 1, list: 'dbl.example' })
  t.same(asked.sort(), [
    'A bad.example.dbl.example',
    'A invalid.dbl.example',
    'A mx.fine.example.dbl.example',
    'TXT bad.example.dbl.example',
  ])
})

t.test('a dead list does not count, and is named once', async (t) => {
  const listed = { 'A 7.2.0.192.bl.example': '127.0.0.2' }
  const cases: Record<string, Record<string, string>> = {
    'lists 127.0.0.1, and so everybody': { ...listed, ...alive, 'A 1.0.0.127.bl.example': '127.0.0.2' },
    'does not list 127.0.0.2, and so nobody': listed,
    'answers what no list answers': { ...listed, 'A 2.0.0.127.bl.example': '198.51.100.1', 'A 1.0.0.127.bl.example': '198.51.100.1' },
    'does not answer this resolver': { ...listed, 'A 2.0.0.127.bl.example': '127.255.255.254' },
    'its test points cannot be asked for': { ...listed, ...alive, 'A 1.0.0.127.bl.example': 'trouble' },
  }
  for (const [fault, names] of Object.entries(cases)) {
    const told: string[] = []
    const judge = new ListJudge((line) => told.push(line), dns(names).ask)
    for (let n = 0; n < 2; n += 1)
      t.match(await judge.judge({ address: '192.0.2.7', domains: [] }, lists(['bl.example'])), { score: 0 }, fault)
    t.equal(told.length, 1)
    t.match(told[0], `list bl.example: `)
    t.match(told[0], `${fault}; it does not count`)
  }
  const told: string[] = []
  const everybody = new ListJudge(
    (line) => told.push(line),
    dns({ 'A invalid.dbl.example': '127.0.1.2', 'A a.b.dbl.example': '127.0.1.2' }).ask,
  )
  t.match(await everybody.judge({ address: '192.0.2.7', domains: ['a.b'] }, lists([], [], ['dbl.example'])), { score: 0 })
  t.match(told, [/lists the domain invalid/])
})

t.test('an answer that is no listing makes a list doubtful', async (t) => {
  const told: string[] = []
  const { ask } = dns({ ...alive, 'A 7.2.0.192.bl.example': '127.255.255.255' })
  const judge = new ListJudge((line) => told.push(line), ask)
  t.match(await judge.judge({ address: '192.0.2.7', domains: [] }, lists(['bl.example'])), { score: 0 })
  t.match(told, [/^list bl.example: it does not answer this resolver; it does not count$/])
})

t.test('a list is tested each day, one in trouble after a minute', async (t) => {
  const names: Record<string, string> = {}
  const told: string[] = []
  let now = 0
  const standing = new Standing(
    dns(names).ask,
    (line) => told.push(line),
    () => now,
  )
  const list = listOf('bl.example')
  t.notOk(await standing.counts(list, 'addresses'))
  Object.assign(names, alive)
  now = 1000 * dnsListTroubleSeconds - 1
  t.notOk(await standing.counts(list, 'addresses'))
  now += 1
  t.ok(await standing.counts(list, 'addresses'))
  t.match(told, [/does not count/, /counts again/])
  names['A 1.0.0.127.bl.example'] = '127.0.0.2'
  now += 1000 * dnsListTestSeconds - 1
  t.ok(await standing.counts(list, 'addresses'))
  now += 1
  t.notOk(await standing.counts(list, 'addresses'))
})

t.test('a list that is silent lists nobody, and holds nobody up', { timeout: 1000 * dnsListSeconds * 20 }, async (t) => {
  const { ask } = dns({ ...alive, 'A 7.2.0.192.light.example': 'silence', 'A 7.2.0.192.bl.example': '127.0.0.2' })
  const verdict = await new ListJudge(() => {}, ask).judge(
    { address: '192.0.2.7', domains: [] },
    lists(['light.example', 'bl.example:0.5']),
  )
  t.match(verdict, { score: 0.5 })
})

t.test('a bad line leaves what was read last', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'dnslists-'))
  t.teardown(() => rmSync(home, { recursive: true }))
  mkdirSync(join(home, 'control'))
  process.chdir(home)
  t.equal(readDnsLists(undefined), undefined)
  writeFileSync('control/dnsbllist', '# ours\nbl.example\n')
  const before = readDnsLists(undefined)
  t.match(before?.blocking, [{ zone: 'bl.example' }])
  writeFileSync('control/dnsbllist', 'other.example\nbad\n')
  t.same(readDnsLists(before), before)
  t.match(readDnsLists(undefined)?.blocking, [{ zone: 'other.example' }])
  process.chdir('/')
})
