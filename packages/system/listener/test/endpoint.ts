import { endpointText, parseEndpoint } from '@yabumi/listener'
import t from 'tap'
import { clientOf, networksOf, plainAddress } from '../src/endpoint.ts'

t.test('parseEndpoint reads IPv4 and bracketed IPv6, and endpointText writes them back', (t) => {
  t.same(parseEndpoint('127.0.0.1:2525'), { address: '127.0.0.1', port: 2525 })
  t.same(parseEndpoint('[::1]:0'), { address: '::1', port: 0 })
  for (const text of ['0.0.0.0:25', '[2001:db8::7]:65535', '[::ffff:192.0.2.1]:25']) t.equal(endpointText(parseEndpoint(text)), text)
  t.end()
})

t.test('parseEndpoint refuses what is no address with a port', (t) => {
  for (const text of [
    '',
    '25',
    ':25',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.1:25',
    '::1:25',
    '[::1]',
    '[127.0.0.1]:25',
    'localhost:25',
    '[::1]:25x',
  ]) {
    t.throws(() => parseEndpoint(text), { status: '5.3.5', message: / is not an address with a port; write / })
  }
  t.end()
})

t.test('an IPv4 client of an IPv6 socket is shown as IPv4', (t) => {
  t.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(plainAddress('::ffff:1'), '::ffff:1')
  t.equal(plainAddress('2001:db8::1'), '2001:db8::1')
  t.end()
})

t.test('a client is an IPv4 address, an IPv6 /56, or all of loopback; the /64 has a share of its own below it', (t) => {
  t.equal(clientOf('192.0.2.1'), '192.0.2.1')
  t.same(networksOf('2001:db8:1:2:3:4:5:6'), ['2001:db8:1:2/64', '2001:db8:1:000/56'])
  t.same(networksOf('2001:db8:1:a2c::6'), ['2001:db8:1:a2c/64', '2001:db8:1:a00/56'])
  t.equal(clientOf('2001:db8:1:aff::6'), clientOf('2001:db8:1:a00::1'))
  t.not(clientOf('2001:db8:1:aff::6'), clientOf('2001:db8:1:b00::1'))
  t.same(networksOf('2001:db8::6'), ['2001:db8:0:0/64', '2001:db8:0:000/56'])
  for (const address of ['::1', '127.0.0.1', '127.9.8.7']) t.equal(clientOf(address), 'loopback')
  t.end()
})
