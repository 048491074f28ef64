import t from 'tap'
import { serverAddress } from '../src/servers.ts'

t.test('a line of control/resolvers is an address with or without a port', async (t) => {
  t.same(serverAddress('192.0.2.1'), { address: '192.0.2.1', port: 53 })
  t.same(serverAddress('192.0.2.1:5353'), { address: '192.0.2.1', port: 5353 })
  t.same(serverAddress('::1'), { address: '::1', port: 53 })
  t.same(serverAddress('[::1]'), { address: '::1', port: 53 })
  t.same(serverAddress('[::1]:5353'), { address: '::1', port: 5353 })
})

t.test('a line that is no address names no server', async (t) => {
  for (const line of ['localhost', '192.0.2', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2.1:', '[192.0.2.1]', '[::1', '::1:x', 'a:b', '']) {
    t.equal(serverAddress(line), undefined, line)
  }
})
