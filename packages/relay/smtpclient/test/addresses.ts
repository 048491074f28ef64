/** Where mail goes, and every reason why it goes nowhere. */

import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import t from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { findMailAddresses } from '../src/addresses.ts'
import { type Route, texts } from '../src/index.ts'

const server = await startDnsServer({
  'host.example': {
    MX: [
      [10, 'a.example'],
      [20, 'b.example'],
    ],
    A: ['198.51.100.9'],
  },
  'a.example': { A: ['198.51.100.1'] },
  'b.example': { A: ['198.51.100.2'], AAAA: ['2001:db8::2'] },
  'me.example': { A: ['127.0.0.1'] },
  'six.example': { AAAA: ['::ffff:7f00:1'] },
  'best.example': { MX: [[10, 'me.example']] },
  'second.example': {
    MX: [
      [10, 'a.example'],
      [20, 'me.example'],
      [20, 'b.example'],
      [30, 'b.example'],
    ],
  },
  'equal.example': {
    MX: [
      [10, 'me.example'],
      [10, 'a.example'],
    ],
  },
  'loop.example': { MX: [[10, 'loop2.example']] },
  'loop2.example': { A: ['127.0.0.2'] },
  'unspecified.example': { A: ['0.0.0.0'] },
  'null.example': { MX: [[0, '.']] },
  'nowhere.example': { MX: [[10, 'missing.example']] },
  'trouble.example': 'SERVFAIL',
})
t.teardown(() => server.close())
process.chdir(t.testdir({ control: {} }))
writeFileSync('control/resolvers', `${server.address}\n`)

/** Without the names of the hosts. */
async function addressesOf(
  route: Route,
  usesIpv6 = true,
): Promise<{ readonly addresses: readonly string[] } | { readonly report: string }> {
  const found = await findMailAddresses(route, usesIpv6)
  return 'report' in found ? found : { addresses: found.targets.map(({ address }) => address) }
}

t.test('without IPv6 only what has no other address is reached by it', async (t) => {
  const route = { protocol: 'smtp', port: 25, relay: false } as const
  t.same(await addressesOf({ ...route, host: 'host.example' }, false), { addresses: ['198.51.100.1', '198.51.100.2'] })
  t.same(await addressesOf({ ...route, host: '[2001:db8::7]' }, false), { addresses: ['2001:db8::7'] })
  t.same(await addressesOf({ ...route, host: 'null.example' }, false), await mx('null.example'))
})

const mx = (host: string, port = 25) => addressesOf({ protocol: 'smtp', host, port, relay: false })
const relay = (host: string) => addressesOf({ protocol: 'smtp', host, port: 25, relay: true })

t.test('a host is reached through its MX records, a relay at its own address', async (t) => {
  t.same(await mx('host.example'), { addresses: ['198.51.100.1', '198.51.100.2', '2001:db8::2'] })
  t.same(await relay('host.example'), { addresses: ['198.51.100.9'] })
})

t.test('an address literal is used as it is', async (t) => {
  for (const host of ['198.51.100.7', '[198.51.100.7]', '[ipv6:198.51.100.7]'])
    t.same(await mx(host), { addresses: ['198.51.100.7'] }, host)
  for (const host of ['[2001:db8::7]', '[IPv6:2001:db8::7]']) t.same(await mx(host), { addresses: ['2001:db8::7'] }, host)
  t.same(await mx('[198.51.100.300]'), { report: texts.noHost('[198.51.100.300]') })
})

t.test('only hosts preferred to ourselves are used', async (t) => {
  t.same(await mx('second.example'), { addresses: ['198.51.100.1'] })
  for (const host of ['best.example', 'equal.example', 'me.example', 'six.example', 'unspecified.example', '127.0.0.1', '[127.0.0.1]']) {
    t.same(await mx(host), { report: texts.ourselves }, host)
  }
  const own = Object.values(networkInterfaces())
    .flat()
    .find((entry) => entry?.internal === false)?.address
  if (own !== undefined) t.same(await mx(`[${own}]`), { report: texts.ourselves }, own)
})

t.test('a relay may be ourselves', async (t) => {
  t.same(await relay('[127.0.0.1]'), { addresses: ['127.0.0.1'] })
  t.same(await relay('[::1]'), { addresses: ['::1'] })
  t.same(await relay('me.example'), { addresses: ['127.0.0.1'] })
})

t.test('B1: every loopback address is ourselves as a mail exchanger, unless control/smtproutes names it or another port', async (t) => {
  for (const host of [
    'loop.example',
    'loop2.example',
    '127.0.0.2',
    '[127.255.255.254]',
    '[IPv6:::1]',
    '[::ffff:127.0.0.2]',
    '[IPv6:::ffff:7f00:3]',
    '[::]',
    '[0.0.0.0]',
    '[0.1.2.3]',
    '[::ffff:0.0.0.0]',
  ]) {
    t.same(await mx(host), { report: texts.ourselves }, host)
  }
  t.same(await mx('loop.example', 2525), { addresses: ['127.0.0.2'] }, 'a route :2525')
  t.same(await relay('loop2.example'), { addresses: ['127.0.0.2'] })
  t.same(await mx('[128.0.0.1]'), { addresses: ['128.0.0.1'] })
})

t.test(
  'B2: a relay that control/smtproutes names is found in /etc/hosts, and is no reason to bounce mail if it is not found',
  async (t) => {
    const local = await relay('localhost')
    t.ok('addresses' in local && local.addresses.includes('127.0.0.1'), 'localhost')
    t.same(await relay('LocalHost.'), local)
    for (const host of ['missing.example', 'null.example', 'me_.nowhere', 'b\xfccher.example', '[198.51.100.300]']) {
      t.match(
        await relay(host),
        { report: /^ZUnable to find \S+, which control\/smtproutes or control\/qmtproutes names\. \(#4\.3\.5\)\n$/ },
        host,
      )
    }
    t.same(await mx('localhost'), { report: texts.noHost('localhost') }, 'which is nothing that others can send mail to')
  },
)

t.test('B4: a domain that is not ASCII fails with what can be done about it', async (t) => {
  t.same(await mx('b\xc3\xbccher.example'), {
    report: 'DSorry, b??cher.example is not ASCII, so it cannot be looked up or sent by SMTP; its xn-- form can. (#5.1.2)\n',
  })
})

t.test('no address is a failure, no answer a deferral', async (t) => {
  t.same(await mx('missing\x01.example'), { report: "DSorry, I couldn't find any host named missing?.example. (#5.1.2)\n" })
  t.same(await mx('nowhere.example'), { report: "DSorry, I couldn't find a mail exchanger or IP address. (#5.4.4)\n" })
  t.same(await mx('null.example'), { report: 'DSorry, null.example does not accept mail: it has a null MX. (#5.1.10)\n' })
  t.same(await mx('trouble.example'), { report: "ZSorry, I couldn't find any host by that name. (#4.1.2)\n" })
  t.same(await relay('trouble.example'), { report: "ZSorry, I couldn't find any host by that name. (#4.1.2)\n" })
})
