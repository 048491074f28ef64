import t from 'tap'
import { parseServer } from '../src/servers.ts'

t.test('a line of qmqpservers is an address, perhaps with a port; anything else is passed over', async (t) => {
  t.same(parseServer('192.0.2.1'), { host: '192.0.2.1', port: 628 })
  t.same(parseServer('192.0.2.1 # ours'), { host: '192.0.2.1', port: 628 })
  t.same(parseServer('192.0.2.1:6280'), { host: '192.0.2.1', port: 6280 })
  t.same(parseServer('2001:db8::1'), { host: '2001:db8::1', port: 628 })
  t.same(parseServer('[2001:db8::1]:99'), { host: '2001:db8::1', port: 99 })
  for (const line of [
    '',
    'mail.example',
    '192.0.2',
    '300.0.2.1',
    '[192.0.2.1]',
    '[::1',
    '::1]',
    ' 192.0.2.1',
    '192.0.2.1:0',
    '[::1]:65536',
  ]) {
    t.equal(parseServer(line), undefined, line)
  }
})
