/** Every kind of answer a domain can have, from a DNS server under the test's control. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { startDnsServer, type Zone } from '../../../../test/support/dns-server.ts'
import { ask, type Exchanges, findAddresses, findExchanges, reverseName } from '../src/index.ts'

const zone: Zone = {
  'two.example': {
    MX: [
      [20, 'second.example'],
      [10, 'first.example'],
    ],
  },
  'first.example': { A: ['198.51.100.1', '198.51.100.2'], AAAA: ['2001:db8::1'] },
  'second.example': { A: ['198.51.100.3'] },
  'plain.example': { A: ['198.51.100.4'] },
  'six.example': { AAAA: ['2001:db8::6'] },
  'alias.example': { CNAME: 'two.example' },
  'alone.example': { CNAME: 'two.example', follow: false },
  'plainalias.example': { CNAME: 'plain.example', follow: false },
  'ring.example': { CNAME: 'ring.example', follow: false },
  'null.example': { MX: [[0, '.']] },
  'empty.example': {},
  'text.example': { TXT: ['v=spf1 -all', 'x'.repeat(600)] },
  'dangling.example': { MX: [[10, 'missing.example']] },
  'literal.example': { MX: [[10, '198.51.100.9']] },
  'servfail.example': 'SERVFAIL',
  'refused.example': 'REFUSED',
  'silent.example': 'SILENCE',
  'garbage.example': 'GARBAGE',
  'softhost.example': { MX: [[10, 'servfail.example']] },
  'softsome.example': {
    MX: [
      [10, 'servfail.example'],
      [20, 'plain.example'],
    ],
  },
  'softsix.example': { A: ['198.51.100.5'], AAAA: 'SERVFAIL' },
  'big.example': { MX: Array.from({ length: 60 }, (_, i) => [i, `host-number-${i}.many.example`] as const) },
  '*.many.example': { A: ['198.51.100.60'] },
  'last.example': { MX: Array.from({ length: 31 }, (_, i) => [i, i < 30 ? `gone-${i}.example` : 'plain.example'] as const) },
  'gone.example': { MX: Array.from({ length: 20 }, (_, i) => [i, `gone-${i}.example`] as const) },
  'equal.example': { MX: Array.from({ length: 8 }, (_, i) => [10, `equal-${i}.example`] as const) },
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`equal-${i}.example`, { A: [`198.51.100.${100 + i}`] }])),
  '1.100.51.198.in-addr.arpa': { PTR: ['Mail.Example'] },
}

const home = t.testdir({ control: {} })
process.chdir(home)
const server = await startDnsServer(zone)
t.teardown(() => server.close())
writeFileSync('control/resolvers', `${server.address}\n`)

const found = (...exchanges: (readonly [string, number])[]) => ({
  kind: 'found',
  exchanges: exchanges.map(([address, preference]) => ({ address, preference })),
})

/** Without the names. */
async function plain(looked: Promise<Exchanges>): Promise<unknown> {
  const answer = await looked
  return answer.kind === 'found' ? found(...answer.exchanges.map(({ address, preference }) => [address, preference] as const)) : answer
}

t.test('the smallest preference comes first, IPv4 before IPv6', async (t) => {
  const two = found(['198.51.100.1', 10], ['198.51.100.2', 10], ['2001:db8::1', 10], ['198.51.100.3', 20])
  t.same(await plain(findExchanges('two.example')), two)
  t.same(await plain(findExchanges('TWO.Example.')), two)
  t.same(await plain(findExchanges('alias.example')), two, 'through an alias that the server follows')
  t.same(await plain(findExchanges('alone.example')), two, 'through an alias that it does not follow')
})

t.test('without MX records the host itself takes mail', async (t) => {
  t.same(await plain(findExchanges('plain.example')), found(['198.51.100.4', 0]))
  t.same(await plain(findExchanges('six.example')), found(['2001:db8::6', 0]))
  t.same(await plain(findExchanges('plainalias.example')), found(['198.51.100.4', 0]))
})

t.test('equal preferences are shuffled', async (t) => {
  const orders = new Set<string>()
  for (let i = 0; i < 50 && orders.size < 2; i += 1) orders.add(JSON.stringify(await findExchanges('equal.example')))
  t.equal(orders.size, 2)
})

t.test('a null MX means that there is no mail', async (t) => t.same(await plain(findExchanges('null.example')), { kind: 'nomail' }))

t.test('a missing name and a missing address are permanent', async (t) => {
  for (const host of ['missing.example', 'empty.example', '', 'a b.example', 'x..example', `${'y'.repeat(64)}.example`, 'b\xe9.example']) {
    t.same(await plain(findExchanges(host)), { kind: 'nohost' }, host)
  }
  t.same(await plain(findExchanges('dangling.example')), found(), 'the domain is there, its mail host is not')
})

t.test('an unclear answer is trouble, and nothing more', async (t) => {
  for (const host of ['servfail.example', 'refused.example', 'garbage.example', 'softhost.example', 'ring.example', 'silent.example']) {
    t.same(await plain(findExchanges(host)), { kind: 'trouble' }, host)
  }
})

t.test('trouble with one mail host does not hide another', async (t) => {
  t.same(await plain(findExchanges('softsome.example')), found(['198.51.100.4', 20]))
  t.same(await plain(findExchanges('softsix.example')), found(['198.51.100.5', 0]))
})

t.test('an MX that is an address is that address', async (t) =>
  t.same(await plain(findExchanges('literal.example')), found(['198.51.100.9', 10])),
)

t.test('an answer too long for UDP comes over TCP, and only so many hosts are looked at', async (t) => {
  const answer = await findExchanges('big.example')
  t.equal(answer.kind === 'found' && answer.exchanges.length, 20)
  t.ok(server.queries.includes('tcp MX big.example'))
})

t.test('B5: of a list that is too long, one host that was not looked at may be the one that works', async (t) => {
  t.same(await plain(findExchanges('last.example')), { kind: 'trouble' })
  t.same(await plain(findExchanges('gone.example')), found(), 'all twenty of a list of twenty')
})

t.test('findAddresses does not look for MX records', async (t) => {
  t.same(await plain(findAddresses('two.example')), { kind: 'nohost' })
  t.same(await plain(findAddresses('second.example')), found(['198.51.100.3', 0]))
})

t.test('reverseName gives the name in lower case, and undefined without one', async (t) => {
  t.equal(await reverseName('198.51.100.1'), 'mail.example')
  t.equal(await reverseName('::ffff:198.51.100.1'), 'mail.example')
  t.equal(await reverseName('198.51.100.2'), undefined)
  t.equal(await reverseName('nonsense'), undefined)
})

t.test('a text record is one string, however it is cut on the way', async (t) => {
  t.same(await ask('text.example', 'TXT'), { kind: 'found', records: ['v=spf1 -all', 'x'.repeat(600)] })
  t.same(await ask('plain.example', 'TXT'), { kind: 'nodata' })
})

t.test('a changed control/resolvers counts at once; one that names nobody leaves trouble', async (t) => {
  writeFileSync('control/resolvers', 'nobody\n')
  t.same(await plain(findExchanges('plain.example')), { kind: 'trouble' })
  const other = await startDnsServer({ 'plain.example': { A: ['198.51.100.200'] } })
  t.teardown(() => other.close())
  const refusing = await startDnsServer({ 'plain.example': 'REFUSED' })
  t.teardown(() => refusing.close())
  writeFileSync('control/resolvers', `# first one refuses\n${refusing.address}\n${other.address}\n`)
  t.same(await plain(findExchanges('plain.example')), found(['198.51.100.200', 0]))
  rmSync('control/resolvers')
  mkdirSync('control/resolvers')
  t.same(await plain(findExchanges('plain.example')), { kind: 'trouble' }, 'an unreadable file is trouble too')
})
