import fc from 'fast-check'
import t from 'tap'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const token = fc.oneof(
  fc.constantFrom(
    'MAIL FROM:',
    'RCPT TO:',
    '<a@b>',
    '<r@test.example>',
    'DATA',
    'EHLO',
    'HELO [1.2.3.4]',
    'RSET',
    'NOOP',
    'QUIT',
    'STARTTLS',
    'BDAT 5 LAST',
  ),
  fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '.', '\r\n.\r\n', ' ', '\0', '\t', ':', '<', '>', '"', '\\', '@', '[', ']'),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)
const sessions = fc.array(
  fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join('')),
  { minLength: 1, maxLength: 6 },
)

t.test('smtpd --listen outlives any garbage, and says nothing but replies', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  for (const packets of fc.sample(sessions, { seed: 20, numRuns: 300 })) {
    const client = server.client(port)
    for (const packet of packets) client.send(packet)
    client.socket.end()
    await client.ending()
    t.ok(
      client.heard.split('\r\n').every((line) => line === '' || /^[2345][0-9][0-9][ -]/.test(line)),
      JSON.stringify([packets, client.heard]),
    )
  }
  const client = server.client(port)
  t.match(await client.ask('MAIL FROM:<>\r\nRCPT TO:<r@test.example>\r\nDATA\r\n.\r\n', 5), /250 ok [0-9]+ qp [0-9]+\r\n$/)
  t.equal(await server.ends('SIGTERM'), 0)
})
