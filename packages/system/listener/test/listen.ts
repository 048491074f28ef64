import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { loopbackShare } from '@yabumi/limits'
import { type Ends, type Full, type Listener, listen } from '@yabumi/listener'
import t, { type Test } from 'tap'

interface Session {
  readonly socket: Socket
  readonly ends: Ends
}

/** A listener whose sessions say `hello` and wait. */
async function started(t: Test, endpoints: string[], limits: { connections?: number; connectionsPerClient?: number } = {}) {
  const sessions: Session[] = []
  const listener = await listen({
    endpoints: endpoints.map((address) => ({ address, port: 0 })),
    connections: limits.connections ?? 10,
    connectionsPerClient: limits.connectionsPerClient ?? 10,
    refusal: (full: Full) => `refused: ${full}`,
    serve(socket, ends) {
      sessions.push({ socket, ends })
      socket.on('error', () => {})
      socket.write('hello')
    },
  })
  t.teardown(async () => {
    for (const { socket } of sessions) socket.destroy()
    await listener.stop()
  })
  return { listener, sessions }
}

/** Connect and return the first thing said. */
async function client(t: Test, listener: Listener, host?: string): Promise<{ socket: Socket; said: string }> {
  const [endpoint] = listener.endpoints
  const socket = connect({ host: host ?? endpoint?.address ?? '', port: endpoint?.port ?? 0 })
  t.teardown(() => socket.destroy())
  const [said] = (await once(socket, 'data')) as [Buffer]
  return { socket, said: said.toString() }
}

t.test('a listener serves IPv4 and IPv6 and says who talks to whom', async (t) => {
  const { listener, sessions } = await started(t, ['127.0.0.1', '::1'])
  for (const endpoint of listener.endpoints) {
    const socket = connect({ host: endpoint.address, port: endpoint.port })
    t.teardown(() => socket.destroy())
    await once(socket, 'data')
    const ends = sessions.at(-1)?.ends
    t.same(ends?.local, endpoint)
    t.same(ends?.remote, { address: endpoint.address, port: socket.localPort })
  }
})

t.test('an IPv4 client of [::] is shown as IPv4', async (t) => {
  const { listener, sessions } = await started(t, ['::'])
  await client(t, listener, '127.0.0.1')
  t.equal(sessions[0]?.ends.remote.address, '127.0.0.1')
  t.equal(sessions[0]?.ends.local.address, '127.0.0.1')
})

t.test('a client beyond the limit on connections is told so, and served again when another has left', async (t) => {
  const { listener, sessions } = await started(t, ['127.0.0.1'], { connections: 2 })
  await client(t, listener)
  const second = await client(t, listener)
  t.equal((await client(t, listener)).said, 'refused: all')
  const closed = once(sessions[1]?.socket as Socket, 'close')
  second.socket.destroy()
  await closed
  t.equal((await client(t, listener)).said, 'hello')
  t.equal(listener.connections, 2)
})

t.test('clients on loopback are not limited by address', async (t) => {
  const { listener } = await started(t, ['127.0.0.1'], { connectionsPerClient: 1 })
  await client(t, listener)
  t.equal((await client(t, listener)).said, 'hello')
})

const outer = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

t.test('a client beyond the limit of its address is told so', { skip: outer === undefined && 'this host has loopback only' }, async (t) => {
  const { listener } = await started(t, ['0.0.0.0'], { connectionsPerClient: 1 })
  await client(t, listener, outer)
  t.equal((await client(t, listener, outer)).said, 'refused: client')
  t.equal((await client(t, listener, '127.0.0.1')).said, 'hello')
})

t.test('stop accepts no more and waits for the last connection', async (t) => {
  const { listener, sessions } = await started(t, ['127.0.0.1'])
  const { socket } = await client(t, listener)
  const [endpoint] = listener.endpoints
  let stopped = false
  const stop = listener.stop().then(() => {
    stopped = true
  })
  const late = connect({ host: '127.0.0.1', port: endpoint?.port ?? 0 })
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED')
  t.equal(stopped, false)
  sessions[0]?.socket.end()
  socket.end()
  await stop
  t.equal(listener.connections, 0)
})

t.test('an address in use fails with its name and a remedy, and leaves nothing listening', async (t) => {
  const { listener } = await started(t, ['127.0.0.1'])
  const [taken] = listener.endpoints
  const attempt = listen({
    endpoints: [{ address: '::1', port: 0 }, taken ?? { address: '', port: 0 }],
    connections: 1,
    connectionsPerClient: 1,
    refusal: () => '',
    serve() {},
  })
  await t.rejects(attempt, { status: '4.3.0', message: /^unable to listen on 127\.0\.0\.1:\d+: address already used; / })
})

t.test('loopback has its share of all connections and no more', async (t) => {
  const { listener } = await started(t, ['127.0.0.1'], { connections: 20 })
  for (let n = 0; n < 20 * loopbackShare; n += 1) t.equal((await client(t, listener)).said, 'hello')
  t.equal((await client(t, listener)).said, 'refused: all')
})

t.test('rights are given up while all addresses are bound and the kernel takes no client', async (t) => {
  let refused: unknown
  let settled = false
  const listener = await listen({
    endpoints: [
      { address: '127.0.0.1', port: 0 },
      { address: '127.0.0.1', port: 0 },
    ],
    connections: 10,
    connectionsPerClient: 10,
    refusal: () => '',
    settle() {
      // every socket of this process that is bound, by the kernel's table: none of them listens
      const inodes = readdirSync('/proc/self/fd').map((fd) => /socket:\[(\d+)\]/.exec(linkOf(fd))?.[1])
      const listening = readFileSync('/proc/self/net/tcp', 'latin1').split('\n').slice(1)
      refused = listening.filter((line) => / 0A /.test(line) && inodes.includes(line.trim().split(/ +/)[9]))
      settled = true
    },
    serve(socket) {
      socket.end('hello')
    },
  })
  t.ok(settled)
  t.same(refused, [])
  t.equal((await client(t, listener)).said, 'hello')
  await listener.stop()
})

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return '' // the descriptor that listed them
  }
}

t.test('a connection that another program serves counts until serve() says that it has ended', async (t) => {
  const served = Promise.withResolvers<void>()
  const listener = await listen({
    endpoints: [{ address: '127.0.0.1', port: 0 }],
    connections: 10,
    connectionsPerClient: 10,
    refusal: () => '',
    async serve(socket) {
      socket.destroy()
      await served.promise
    },
  })
  const socket = connect({ host: '127.0.0.1', port: listener.endpoints[0]?.port ?? 0 })
  await once(socket.resume(), 'close')
  t.equal(listener.connections, 1)
  served.resolve()
  await listener.stop()
  t.equal(listener.connections, 0)
})
