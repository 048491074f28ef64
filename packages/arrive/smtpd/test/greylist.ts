/** Strangers that have to come back: control/greylist. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SentTo } from '@yabumi/correspondents'
import t, { type Test } from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { naming, oneShot } from './scratch/bothways.ts'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const putOff = /^451 greylisted, come back in [0-9]+ seconds \(#4.7.1\)\r\n$/

/** @returns the reply to RCPT */
async function tried(t: Test, port: number, address: string, sender = 's@x.example', recipient = 'r@test.example'): Promise<string> {
  const client = new Client(t, port, '127.0.0.1', address)
  await client.replies()
  await client.ask(`MAIL FROM:<${sender}>\r\n`)
  const reply = await client.ask(`RCPT TO:<${recipient}>\r\n`)
  client.socket.destroy()
  return reply
}

t.test('all strangers are put off, and those whom mail has gone to are not', async (t) => {
  const home = new ScratchHome(t, { greylist: '2\n', rcpthosts: 'test.example\n' })
  mkdirSync(join(home.path, 'state'))
  const before = process.cwd()
  process.chdir(home.path)
  new SentTo().add('me@test.example', 'friend@x.example')
  process.chdir(before)
  const server = new Resident(t, home)
  const port = await server.ready()
  t.match(await tried(t, port, '127.0.5.1'), putOff)
  t.match(await tried(t, port, '127.0.5.1'), putOff)
  t.match(await tried(t, port, '127.0.5.1', ''), putOff, 'bounces as well')
  t.equal(await tried(t, port, '127.0.5.1', 'Friend@x.example'), '250 ok\r\n')
  t.equal(await tried(t, port, '127.0.5.1', 's@x.example', 'postmaster@test.example'), '250 ok\r\n')
  t.equal(await tried(t, port, '127.0.0.1'), '250 ok\r\n', 'this host')
  t.match(await tried(t, port, '127.0.5.1', 's@x.example', 'r@other.example'), /^553/, 'what is refused anyway is')
  const table = readFileSync(join(home.path, 'state/smtp/greylist'), 'latin1')
  t.match(table, /^(w [A-Za-z0-9_-]{16} 127.0.5.0\/24 [0-9]+\n){2}$/)
  t.match(
    await oneShot(home, naming('r@test.example'), { TCPREMOTEIP: '192.0.2.1' }),
    /250 ok\r\n250 ok\r\n221/,
    'one connection alone keeps no table',
  )
  await server.ends('SIGTERM')
  const again = new Resident(t, home)
  t.match(await tried(t, await again.ready(), '127.0.5.1'), putOff, 'and after a restart')
  t.equal(readFileSync(join(home.path, 'state/smtp/greylist'), 'latin1'), table)
})

t.test('suspicious strangers are put off: without a name, with a name made of the address, on a light list', async (t) => {
  const dns = await startDnsServer({
    '9.5.0.127.in-addr.arpa': { PTR: ['mail.good.example'] },
    '8.5.0.127.in-addr.arpa': { PTR: ['host-127-0-5-8.pool.example'] },
    '7.5.0.127.in-addr.arpa': { PTR: ['mail.light.example'] },
    '6.5.0.127.in-addr.arpa': { PTR: ['host-127-0-5-6.pool.example'] },
    '7.5.0.127.bl.example': { A: ['127.0.0.2'] },
    '2.0.0.127.bl.example': { A: ['127.0.0.2'] },
    '6.5.0.127.wl.example': { A: ['127.0.0.2'] },
    '2.0.0.127.wl.example': { A: ['127.0.0.2'] },
  })
  t.teardown(() => dns.close())
  const home = new ScratchHome(t, {
    greylist: '1\n',
    resolvers: `${dns.address}\n`,
    dnsbllist: 'bl.example:0.5\n',
    dnswllist: 'wl.example\n',
  })
  const port = await new Resident(t, home, []).ready()
  t.equal(await tried(t, port, '127.0.5.9'), '250 ok\r\n')
  for (const address of ['127.0.5.8', '127.0.5.7', '127.0.5.5']) t.match(await tried(t, port, address), putOff, address)
  t.equal(await tried(t, port, '127.0.5.6'), '250 ok\r\n', 'who is known to be well')
})
