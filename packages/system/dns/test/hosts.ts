import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseHosts } from '../src/hosts.ts'
import { hostsAddresses } from '../src/index.ts'

t.test('names have the addresses of all their lines, IPv4 before IPv6', async (t) => {
  const hosts = parseHosts(
    [
      '127.0.0.1\tlocalhost',
      '::1 localhost ip6-localhost # and more names',
      '2001:db8::1 Relay.example relay',
      '192.0.2.1 relay.example  ',
      '192.0.2.2 relay.example',
      '192.0.2.1 relay.example\r',
      '# 192.0.2.3 relay.example',
      'nonsense relay.example',
      '192.0.2.4',
      '',
    ].join('\n'),
  )
  t.same(
    [...hosts],
    [
      ['localhost', ['127.0.0.1', '::1']],
      ['ip6-localhost', ['::1']],
      ['relay.example', ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
      ['relay', ['2001:db8::1']],
    ],
  )
})

t.test("the file is this machine's, and localhost is there without one", async (t) => {
  t.ok(hostsAddresses('localhost').includes('127.0.0.1'))
  for (const [name, addresses] of parseHosts(readFileSync('/etc/hosts', 'latin1'))) t.same(hostsAddresses(name), addresses, name)
  t.same(hostsAddresses('nobody.invalid'), [])
})
