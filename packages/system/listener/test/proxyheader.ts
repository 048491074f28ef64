import { proxyHeaderBytes } from '@yabumi/limits'
import t from 'tap'
import { readProxyHeader } from '../src/index.ts'

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** @param width - of an address */
function binary(firstBytes: string, addresses: Buffer, more = 0): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(addresses.length + more)
  return Buffer.concat([signature, Buffer.from(firstBytes, 'hex'), length, addresses, Buffer.alloc(more)])
}

const v4 = Buffer.from('c0000201cb0071070fa00019', 'hex')
const v6 = Buffer.from(`20010db8${'00'.repeat(11)}01${'00'.repeat(10)}ffffc00002090fa00019`, 'hex')
const ofV4 = { remote: { address: '192.0.2.1', port: 4000 }, local: { address: '203.0.113.7', port: 25 } }

t.test('both versions say whose connection it is, however they are cut, and what follows is left', async (t) => {
  for (const [header, ends] of [
    ['PROXY TCP4 192.0.2.1 203.0.113.7 4000 25\r\n', ofV4],
    ['PROXY TCP6 2001:DB8:0::1 ::1 4000 25\r\n', { remote: { address: '2001:db8::1', port: 4000 }, local: { address: '::1', port: 25 } }],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN ffff::1 x y z\r\n', undefined],
    [binary('2111', v4), ofV4],
    [binary('2111', v4, 20), ofV4],
    [binary('2121', v6), { remote: { address: '2001:db8::1', port: 4000 }, local: { address: '192.0.2.9', port: 25 } }],
    [binary('2000', Buffer.alloc(0)), undefined],
  ] as const) {
    const bytes = Buffer.from(header as string)
    for (let length = 0; length < bytes.length; length += 1) t.equal(readProxyHeader(bytes.subarray(0, length)), 'open')
    t.same(readProxyHeader(Buffer.concat([bytes, Buffer.from('EHLO x\r\n')])), { length: bytes.length, ends })
  }
})

t.test('what is no header is none at the first byte that shows it', async (t) => {
  for (const text of [
    'E',
    'PROXX',
    'PROXY TCP4 192.0.2.1 203.0.113.7 4000\r\n',
    'PROXY TCP4 ::1 ::1 1 2\r\n',
    'PROXY TCP6 1.2.3.4 ::1 1 2\r\n',
  ])
    t.equal(readProxyHeader(Buffer.from(text)), 'bad', text)
  for (const text of [
    'PROXY TCP4 192.0.2.1 203.0.113.7 65536 25\r\n',
    `PROXY TCP4 ${'1'.repeat(107)}`,
    'PROXY TCP4  192.0.2.1 203.0.113.7 1 2\r\n',
  ])
    t.equal(readProxyHeader(Buffer.from(text)), 'bad', text)
  for (const bytes of [binary('1111', v4), binary('2211', v4), binary('2112', v4), binary('2111', v4.subarray(4)), binary('2131', v4)])
    t.equal(readProxyHeader(bytes), 'bad', bytes.toString('hex'))
})

t.test('a header has so many bytes, and not one more', async (t) => {
  const extra = proxyHeaderBytes - 16 - v4.length
  t.match(readProxyHeader(binary('2111', v4, extra)), { length: proxyHeaderBytes })
  t.equal(readProxyHeader(binary('2111', v4, extra + 1)), 'bad')
})
