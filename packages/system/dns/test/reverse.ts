import fc from 'fast-check'
import t from 'tap'
import { reverseZone } from '../src/reverse.ts'

t.test('an address is asked for under its reverse zone', async (t) => {
  t.equal(reverseZone('207.20.226.242'), '242.226.20.207.in-addr.arpa')
  t.equal(reverseZone('::ffff:192.0.2.1'), '1.2.0.192.in-addr.arpa')
  t.equal(reverseZone('2001:db8::567:89ab'), 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa')
  t.equal(reverseZone('fe80::1%eth0'), `1.${'0.'.repeat(28)}8.e.f.ip6.arpa`)
  t.equal(reverseZone('64:ff9b::192.0.2.33'), reverseZone('64:ff9b::c000:221'))
})

t.test('what is no address has no reverse zone', async (t) => {
  for (const ip of ['', 'unknown', '1.2.3', '::g']) t.equal(reverseZone(ip), undefined, ip)
})

t.test('every IPv6 address has 32 nibbles', async () => {
  fc.assert(
    fc.property(fc.ipV6(), (ip) => reverseZone(ip) === undefined || /^(?:[0-9a-f]\.){32}ip6\.arpa$|in-addr/.test(reverseZone(ip) ?? '')),
    { seed: 1 },
  )
})
