import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { commandLineBytes, loopbackShare, smtpAddressBytes, smtpEnvelopeBytesPerClient, smtpRecipients } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

/** The most memory that a process has had, in MiB. */
function peakMemory(pid: number | undefined): number {
  return Number(/VmHWM:\s*([0-9]+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024
}

async function started(
  t: Test,
  controls: Record<string, string> = {},
): Promise<{ home: ScratchHome; server: Resident; client: Client; port: number }> {
  const home = new ScratchHome(t, controls)
  const server = new Resident(t, home)
  const port = await server.ready()
  const client = server.client(port)
  await client.replies()
  return { home, server, client, port }
}

t.test('smtpd obeys a command line of the limit and refuses one byte more', async (t) => {
  const { client } = await started(t)
  const noop = (length: number): string => `${'NOOP '.padEnd(length - 1, 'x')}\r\n`
  t.equal(await client.ask(noop(commandLineBytes)), '250 ok\r\n')
  t.equal(await client.ask(noop(commandLineBytes + 1)), '500 line too long (#5.5.2)\r\n')
  t.equal(await client.ask('NOOP\r\n'), '250 ok\r\n')
})

t.test('smtpd keeps nothing of a line that never ends', async (t) => {
  const { server, client } = await started(t)
  const piece = 'x'.repeat(1 << 20)
  const before = peakMemory(server.process.pid)
  for (let sent = 0; sent < 256; sent += 1) if (!client.socket.write(piece)) await once(client.socket, 'drain')
  t.equal(await client.ask('\r\n'), '500 line too long (#5.5.2)\r\n')
  t.ok(peakMemory(server.process.pid) - before < 128, 'half of what came')
})

t.test('smtpd takes recipients up to the limit and puts off those beyond with 452', async (t) => {
  const { home, client } = await started(t)
  t.equal(await client.ask('MAIL FROM:<>\r\n'), '250 ok\r\n')
  const replies = await client.ask('RCPT TO:<r@test.example>\r\n'.repeat(smtpRecipients + 1), smtpRecipients + 1)
  const wanted = `${'250 ok\r\n'.repeat(smtpRecipients)}452 too many recipients (#4.5.3)\r\n`
  t.ok(replies === wanted)
  t.match(await client.ask('DATA\r\nx\r\n.\r\n', 2), /^354 go ahead\r\n250 ok /)
  t.equal(home.queued()[0]?.envelope.length, '\0F\0'.length - 1 + smtpRecipients * 'Tr@test.example\0'.length + 1)
})

t.test(
  'smtpd bounds the recipients of all sessions of a client together, takes a first one always, and has room again when one ends',
  async (t) => {
    const { server, client, port } = await started(t)
    const other = server.client(port)
    const recipient = `RCPT TO:<${'r'.repeat(smtpAddressBytes)}>\r\n`
    const room = Math.floor(smtpEnvelopeBytesPerClient / (smtpAddressBytes + 48))
    await client.ask('MAIL FROM:<>\r\n')
    const replies = await client.ask(recipient.repeat(room + 1), room + 1)
    t.ok(replies.endsWith('250 ok\r\n452 too many recipients (#4.5.3)\r\n'))
    t.match(await other.ask(`MAIL FROM:<>\r\n${recipient}${recipient}`, 4), /250 ok\r\n250 ok\r\n452 too many recipients \(#4\.5\.3\)\r\n$/)
    await server.logs('127.0.0.1: recipients put off with 452: for its network ')
    t.equal(await client.ask('RSET\r\n'), '250 flushed\r\n')
    t.equal(await other.ask(recipient), '250 ok\r\n')
    await client.ask('MAIL FROM:<>\r\n')
    await client.ask(recipient.repeat(room - 2), room - 2)
    t.equal(await other.ask(recipient), '452 too many recipients (#4.5.3)\r\n')
    client.socket.destroy()
    while ((await other.ask(recipient)).startsWith('452'));
    t.ok(peakMemory(server.process.pid) < 200)
  },
)

t.test('smtpd does not gather replies for a client that does not read', async (t) => {
  const { server, client } = await started(t)
  client.socket.pause()
  const flood = 'EHLO x\r\n'.repeat(3_000_000)
  client.send(flood)
  client.send('QUIT\r\n')
  const stuck = server.client(server.port('127.0.0.1'))
  t.equal(await stuck.ask('NOOP\r\n', 2), '220 test.example ESMTP\r\n250 ok\r\n', 'others are served meanwhile')
  client.socket.resume()
  const replies = await client.ending()
  t.equal(replies.length, 3_000_000 * '250-test.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n'.length + '221 test.example\r\n'.length)
  t.ok(peakMemory(server.process.pid) < 200)
})

t.test('smtpd lets a message of 60 MB through a queue that is slow to read it', async (t) => {
  const { home, server, client } = await started(t)
  home.control('databytes', '')
  await client.ask('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n', 3)
  const piece = `${'x'.repeat(78)}\r\n`.repeat(12_500)
  for (let sent = 0; sent < 60; sent += 1) if (!client.socket.write(piece)) await once(client.socket, 'drain')
  t.match(await client.ask('.\r\n'), /^250 ok /)
  t.equal(home.queued()[0]?.message.split('\n').length, 60 * 12_500 + 3)
  t.ok(peakMemory(server.process.pid) < 160)
})

t.test('smtpd refuses connections beyond control/concurrencyincoming', async (t) => {
  const { server, port } = await started(t, { concurrencyincoming: '2\n' })
  const second = server.client(port)
  t.match(await second.replies(), /^220 /)
  t.equal(await server.client(port).ending(), '421 too many connections, try again later (#4.3.2)\r\n')
  await second.ask('QUIT\r\n')
  await second.ending()
  while ((await server.client(port).replies()).startsWith('421'));
})

t.test('smtpd takes no more connections than its limit on open files allows', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home, ['--no-ptr'], {}, 100)
  const port = await server.ready()
  const clients = Array.from({ length: Math.ceil(18 * loopbackShare) }, () => server.client(port))
  for (const client of clients) t.match(await client.replies(), /^220 /)
  t.match(await server.client(port).ending(), /^421 too many connections/)
  t.match(await clients[0]?.ask('MAIL FROM:<>\r\nRCPT TO:<r>\r\nDATA\r\n.\r\n', 4), /250 ok [0-9]+ qp/)
})
