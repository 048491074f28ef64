import { closeSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { boundSocket } from '@yabumi/posix'
import t from 'tap'

const hasIPv6 = networkInterfaces()['lo']?.some(({ address }) => address === '::1') ?? false

async function listening(fd: number): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ fd }, resolve))
  return server
}

t.test('a bound socket listens where it was bound, on a port of its own', async (t) => {
  for (const address of ['127.0.0.1', '127.9.8.7', ...(hasIPv6 ? ['::1'] : [])]) {
    const server = await listening(boundSocket({ address, port: 0 }, true))
    t.match(server.address(), { address }, address)
    server.close()
  }
})

t.test('an IPv6 address is understood in all its forms', { skip: !hasIPv6 && 'this host has no [::1]' }, async (t) => {
  for (const address of ['0:0:0:0:0:0:0:1', '0::1', '::0:1', '::0.0.0.1']) {
    const server = await listening(boundSocket({ address, port: 0 }, true))
    t.match(server.address(), { address: '::1' }, address)
    server.close()
  }
  const mapped = await listening(boundSocket({ address: '::ffff:127.0.0.1', port: 0 }, false))
  t.match(mapped.address(), { address: '::ffff:127.0.0.1' })
  mapped.close()
})

t.test('a port that is taken is EADDRINUSE, an address of somebody else EADDRNOTAVAIL', async (t) => {
  const taken = await listening(boundSocket({ address: '127.0.0.1', port: 0 }, false))
  const { port } = taken.address() as { port: number }
  t.throws(() => boundSocket({ address: '127.0.0.1', port }, false), { code: 'EADDRINUSE' })
  t.throws(() => closeSync(boundSocket({ address: '192.0.2.1', port: 0 }, false)), { code: 'EADDRNOTAVAIL' })
  taken.close()
})
