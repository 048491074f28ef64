// A proxy in front (rules variable PROXY): the client whom it names is the one that rules, limits and Received lines know.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { proxyHeaderSeconds } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

async function behindProxy(t: Test, controls: Record<string, string> = {}) {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', ...controls })
  const rules = '127.:allow,PROXY="1"\n192.0.2.66:deny\n192.0.2.9:allow,RELAYCLIENT="",PROXY="1"\n:allow\n'
  writeFileSync(join(home.path, 'rules'), rules)
  const server = new Resident(t, home, ['--rules', join(home.path, 'rules'), '--no-ptr'])
  return { home, server, port: await server.ready() }
}

const header = (address: string): string => `PROXY TCP4 ${address} 203.0.113.7 4000 25\r\n`

t.test('the client whom the proxy names is in the Received line, and its own rule holds', async (t) => {
  const { home, server, port } = await behindProxy(t)
  const client = server.client(port)
  client.send(header('192.0.2.1'))
  t.equal(await client.replies(), '220 test.example ESMTP\r\n')
  await client.ask('MAIL FROM:<s@x.example>\r\n')
  t.match(await client.ask('RCPT TO:<r@far.example>\r\n'), /^553 /, 'the proxy may send anywhere, and nobody behind it')
  await client.ask('RCPT TO:<r@test.example>\r\n')
  await client.ask('DATA\r\n')
  await client.ask('\r\n.\r\n')
  t.match(home.queued()[0]?.message, /^Received: from \S+ \(192\.0\.2\.1\)/)
  const relaying = server.client(port)
  relaying.send(`${header('192.0.2.9')}MAIL FROM:<s@x.example>\r\nRCPT TO:<r@far.example>\r\n`)
  t.equal(await relaying.replies(3), '220 test.example ESMTP\r\n250 ok\r\n250 ok\r\n', 'what came with the header counts')
  const denied = server.client(port)
  denied.send(header('192.0.2.66'))
  t.equal(await denied.ending(), '')
})

t.test('who says nothing, or something else, is closed without a word, and logged', async (t) => {
  const { server, port } = await behindProxy(t)
  for (const text of ['EHLO x\r\n', 'PROXY TCP4 x\r\n']) {
    const client = server.client(port)
    client.send(text)
    t.equal(await client.ending(), '')
  }
  const silent = server.client(port)
  const before = performance.now()
  t.equal(await silent.ending(), '')
  t.ok(performance.now() - before >= 1000 * proxyHeaderSeconds - 50, 'after its time')
  await server.logs('is a proxy, and has not said whose connection it is')
})

t.test('concurrencyperip counts clients behind the proxy, and not the proxy', async (t) => {
  const { server, port } = await behindProxy(t, { concurrencyperip: '1\n' })
  const greeted: string[] = []
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1']) {
    const client = server.client(port)
    client.send(header(address))
    greeted.push((await client.replies()).slice(0, 3))
  }
  t.same(greeted, ['220', '220', '220', '421'])
})

t.test('to a port without that rule a header is a command like any other', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const socket = connect(await server.ready(), '127.0.0.1')
  t.teardown(() => socket.destroy())
  let heard = ''
  socket.on('data', (bytes) => {
    heard += bytes
  })
  socket.write(`${header('192.0.2.9')}QUIT\r\n`)
  await once(socket, 'close')
  t.match(heard, /^220 .*\r\n502 unimplemented .*\r\n221 /)
})
