import t from 'tap'
import { Networks, networkOf } from '../src/networks.ts'

t.test('an address is in an IPv4 /24 or an IPv6 /56', (t) => {
  t.equal(networkOf('192.0.2.7'), '192.0.2.0/24')
  for (const address of ['2001:db8:0:1ff::1', '2001:db8::1ab:0:0:0:1', '2001:0db8:0:100::'])
    t.equal(networkOf(address), '2001:db8:0:100::/56')
  t.equal(networkOf('2001:db8:0:200::1'), '2001:db8:0:200::/56')
  t.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/56')
  t.end()
})

t.test('a network is held as long as something is under way to any of its addresses', (t) => {
  const networks = new Networks()
  const first = networks.hold(['192.0.2.1', '198.51.100.1', '192.0.2.2'])
  const second = networks.hold(['192.0.2.9'])
  t.equal(networks.heldOf(['203.0.113.1', '192.0.2.200']), '192.0.2.0/24')
  t.equal(networks.heldOf(['198.51.100.77']), '198.51.100.0/24')
  first()
  t.equal(networks.heldOf(['198.51.100.77']), undefined)
  t.equal(networks.heldOf(['192.0.2.200']), '192.0.2.0/24')
  second()
  t.equal(networks.heldOf(['192.0.2.200']), undefined)
  t.end()
})
