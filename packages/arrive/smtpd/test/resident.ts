import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Client, hasIPv6, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'
import { startNameServer } from './scratch/nameserver.ts'

const envelope = 'MAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\n'
const mail = `${envelope}DATA\r\nA: b\r\n\r\nx\r\n.\r\n`

/** What the lines of a client begin with. */
const mark = ({ socket }: Client): string => `smtpd: 127.0.0.1 ${socket.localPort}`

/** Try until it holds: the event we wait for is announced by nobody. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

t.test('smtpd --listen answers the same however a pipelined session is cut into packets', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const other = server.client(port)
  await other.replies()
  const session = 'MAIL FROM:<>\r\nRCPT TO:<r>\r\nDATA\r\na\r\n.\r\nQUIT\r\n'
  const codes = ['220', '250', '250', '354', '250', '221']
  for (let cut = 0; cut <= session.length; cut += 1) {
    const client = server.client(port)
    await client.replies()
    client.send(session.slice(0, cut))
    await other.ask('NOOP\r\n') // by then the server has read the first part
    client.send(session.slice(cut))
    await client.ending()
    const heard = client.heard.split('\r\n').slice(0, -1)
    t.ok(
      heard.length === codes.length && heard.every((line, index) => line.startsWith(codes[index] ?? '-')),
      `cut at ${cut}: ${client.heard}`,
    )
  }
  const bodies = new Set(home.queued().map(({ message }) => message.split('\n').slice(2).join('\n')))
  t.same([...bodies], ['a\n'])
  t.equal(home.queued().length, session.length + 1)
})

t.test('smtpd --listen serves a slow client byte by byte, and others meanwhile', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const slow = server.client(port)
  await slow.replies()
  for (const byte of `${mail}QUIT\r\n`) {
    slow.send(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const quick = server.client(port, hasIPv6 ? undefined : '127.0.0.1')
  await quick.replies()
  t.equal(await quick.ask('QUIT\r\n'), '221 test.example\r\n')
  t.match(await slow.ending(), /354 go ahead\r\n250 ok [0-9]+ qp [0-9]+\r\n221 test\.example\r\n$/)
})

t.test('smtpd --listen on [::1] takes mail as on 127.0.0.1', { skip: !hasIPv6 && 'this host has no ::1' }, async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  await server.ready()
  const client = server.client(server.port('[::1]'), '::1')
  client.send(`HELO c\r\n${mail}QUIT\r\n`)
  t.match(await client.ending(), /250 ok [0-9]+ qp/)
  t.match(home.queued()[0]?.message, /^Received: from unknown \(HELO c\) \(::1\)\n {2}by test\.example with SMTP; /)
})

t.test('smtpd --listen answers a client that has closed its side', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  client.socket.end(mail)
  t.match(await client.ending(), /354 go ahead\r\n250 ok [0-9]+ qp [0-9]+\r\n$/)
})

t.test('smtpd --listen says 250 only when queue has ended well', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const gate = join(home.path, 'gate')
  home.queueEnds(`while ! test -e '${gate}'; do sleep 0.01; done; exit 53`)
  const client = server.client(port)
  t.match(await client.ask(mail, 4), /354 go ahead\r\n$/)
  const other = server.client(port)
  t.equal(await other.ask('NOOP\r\n', 2), '220 test.example ESMTP\r\n250 ok\r\n')
  t.match(client.heard, /354 go ahead\r\n$/, 'no verdict yet')
  writeFileSync(gate, '')
  t.equal(await client.replies(), '451 qq write error or disk full (#4.3.0)\r\n')
  t.equal(await client.ask('QUIT\r\n'), '221 test.example\r\n')
})

t.test('smtpd --listen queues nothing of a client that goes away inside DATA', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const client = server.client(port)
  await client.ask(`${envelope}DATA\r\nA: b\r\n\r\nhalf a li`, 4)
  client.socket.destroy()
  const next = server.client(port)
  t.match(await next.ask(mail, 5), /250 ok [0-9]+ qp/)
  t.same(
    home.queued().map(({ message }) => message.endsWith('\n\nx\n')),
    [true],
  )
})

t.test('smtpd --listen ends a session at a bare LF and queues nothing: SMTP smuggling', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  for (const end of ['\n.\n', '\n.\r\n', '\r\n.\n']) {
    const client = server.client(port)
    client.send(`${envelope}DATA\r\nx${end}${mail}`)
    t.match(await client.ending(), /354 go ahead\r\n451 See https:\/\/cr\.yp\.to\/docs\/smtplf\.html\.\r\n$/)
  }
  t.same(home.queued(), [])
})

t.test('smtpd --listen names its client by PTR, once a minute, and by unknown if there is no name', async (t) => {
  const home = new ScratchHome(t)
  const names = await startNameServer(t, { '127.0.0.1': 'Client.Example' })
  home.control('resolvers', `127.0.0.1:${names.port}\n`)
  const server = new Resident(t, home, [])
  const port = await server.ready()
  for (const source of ['127.0.0.1', '127.0.0.1', '127.0.0.2']) {
    const client = new Client(t, port, '127.0.0.1', source)
    client.send(`HELO client.example\r\n${mail}QUIT\r\n`)
    await client.ending()
  }
  t.same(
    home.queued().map(({ message }) => message.split('\n')[0]),
    [
      'Received: from client.example (127.0.0.1)',
      'Received: from client.example (127.0.0.1)',
      'Received: from unknown (HELO client.example) (127.0.0.2)',
    ],
  )
  t.same(names.asked, ['1.0.0.127.in-addr.arpa', '2.0.0.127.in-addr.arpa'])
})

t.test('smtpd --listen greets before it knows its client, and --no-ptr asks nobody', async (t) => {
  const home = new ScratchHome(t)
  const names = await startNameServer(t, { '127.0.0.1': 'silence' })
  home.control('resolvers', `127.0.0.1:${names.port}\n`)
  const asking = new Resident(t, home, [])
  const client = asking.client(await asking.ready())
  t.match(await client.ask(envelope, 3), /250 ok\r\n$/)
  await until(() => names.asked.length > 0)
  const before = names.asked.length
  const silent = new Resident(t, home, ['--no-ptr'])
  const other = silent.client(await silent.ready())
  t.match(await other.ask(mail, 5), /250 ok [0-9]+ qp/)
  t.match(home.queued()[0]?.message, /^Received: from unknown \(127\.0\.0\.1\)\n/)
  t.ok(names.asked.length <= before + 1, 'only the first server asks, again after a while')
})

t.test('smtpd --listen obeys changed control files by itself, and at HUP', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  const asksFor = async (domain: string): Promise<string> => {
    const client = server.client(port)
    const replies = await client.ask(`MAIL FROM:<>\r\nRCPT TO:<r@${domain}>\r\nQUIT\r\n`, 4)
    return replies.split('\r\n')[2]?.slice(0, 3) ?? ''
  }
  t.equal(await asksFor('new.example'), '553')
  writeFileSync(join(home.path, 'control/rcpthosts.new'), 'new.example\n')
  renameSync(join(home.path, 'control/rcpthosts.new'), join(home.path, 'control/rcpthosts'))
  await until(async () => (await asksFor('new.example')) === '250')
  t.equal(await asksFor('test.example'), '553')
  home.control('rcpthosts', 'hup.example\n')
  server.process.kill('SIGHUP')
  await until(async () => (await asksFor('hup.example')) === '250')
})

t.test('smtpd --listen refuses clients with 421 while a control file cannot be read, and says which in its log', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const established = server.client(port)
  await established.replies()
  renameSync(join(home.path, 'queued'), join(home.path, 'control/rcpthosts'))
  server.process.kill('SIGHUP')
  await server.logs('unable to read control/rcpthosts: is a directory')
  t.equal(await server.client(port).ending(), '421 unable to read controls (#4.3.0)\r\n')
  t.equal(await established.ask('NOOP\r\n'), '250 ok\r\n')
  renameSync(join(home.path, 'control/rcpthosts'), join(home.path, 'queued'))
  server.process.kill('SIGHUP')
  await until(async () => (await server.client(port).replies()).startsWith('220 '))
})

t.test('smtpd --listen takes RELAYCLIENT and DATABYTES from its own environment', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n' })
  const server = new Resident(t, home, ['--no-ptr'], { RELAYCLIENT: '', DATABYTES: '1' })
  const client = server.client(await server.ready())
  client.send(`MAIL FROM:<>\r\nRCPT TO:<r@far.example>\r\nDATA\r\nxx\r\n.\r\nQUIT\r\n`)
  t.match(await client.ending(), /250 ok\r\n250 ok\r\n354 go ahead\r\n552 /)
})

t.test('smtpd --listen leaves at TERM: idle sessions hear 421, a message under way its verdict', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const idle = server.client(port)
  await idle.ask(envelope, 3)
  const busy = server.client(port)
  await busy.ask(`${envelope}DATA\r\nA: b\r\n`, 4)
  const ended = server.ends('SIGTERM')
  t.equal(await idle.ending(), '421 shutting down, try again (#4.3.2)\r\n')
  const late = new Client(t, port)
  t.equal(await late.ending(), '')
  busy.send('\r\nx\r\n.\r\n')
  t.match(await busy.ending(), /^250 ok [0-9]+ qp [0-9]+\r\n421 shutting down, try again \(#4\.3\.2\)\r\n$/)
  t.equal(await ended, 0)
  t.equal(home.queued().length, 1)
})

t.test('B3: own mail is taken though rcpthosts was saved with CRLF and a byte order mark, and the log says once what is odd', async (t) => {
  const home = new ScratchHome(t)
  home.control('rcpthosts', '\ufeffown.example\r\njoe@own.example\r\n')
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  t.equal(await client.ask('MAIL FROM:<s@x.example>\r\nRCPT TO:<joe@own.example>\r\n', 2), '250 ok\r\n250 ok\r\n')
  await server.ends('SIGTERM')
  const warnings = server.log.split('\n').filter((line) => line.includes('control/rcpthosts line'))
  t.same(warnings, [
    'smtpd: warning: control/rcpthosts line 1: begins with a byte order mark, which does not count; save it without',
    'smtpd: warning: control/rcpthosts line 2: no domain has such bytes, so it stands for none',
  ])
})

t.test(
  'C4: what a client is refused is a line in the log, its words last and unable to imitate ours: TLS on this port, garbage, a recipient',
  async (t) => {
    const home = new ScratchHome(t, { rcpthosts: 'own.example\n' })
    const server = new Resident(t, home)
    const port = await server.ready()
    const client = server.client(port)
    await client.replies()
    await client.ask('EHLO x\r\n')
    await client.ask('STARTTLS\r\n')
    await server.logs(`${mark(client)}: declined: 502 unimplemented (#5.5.1): STARTTLS\n`)
    await client.ask('MAIL FROM:<s@x.example>\r\nRCPT TO:<a\x1b smtpd: 192.0.2.9 1: refused: 553@far.example>\r\n', 2)
    await server.logs('my list of allowed rcpthosts (#5.7.1): RCPT=20TO:<a=1B=20smtpd:=20192.0.2.9=201:=20refused:=20553@far.example>\n')
    await client.ask(`${'x'.repeat(300)}\r\nRCPT TO:<joe@own.example>\r\nQUIT\r\n`, 3)
    t.notMatch(server.log, /x{101}/)
    t.notMatch(server.log, 'joe@own.example', 'what is taken is no refusal')
    const tls = server.client(port)
    await tls.replies()
    tls.send('\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03')
    await server.logs(`${mark(tls)}: declined: this port begins without TLS: -\n`)
    await server.ends('SIGTERM')
  },
)
