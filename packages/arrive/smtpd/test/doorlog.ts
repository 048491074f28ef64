/** The log of the door: every line that smtpd writes about its clients, and what they cannot make of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { clientWordBytes, doorLinesPerClient } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome, smtpd } from './scratch/home.ts'

const envelope = 'MAIL FROM:<s@x.example>\r\nRCPT TO:<r@test.example>\r\n'
const connection = { TCPREMOTEIP: '203.0.113.9', TCPREMOTEPORT: '4711' }

async function resident(
  t: Test,
  controls: Record<string, string> = {},
  args?: readonly string[],
): Promise<{ server: Resident; port: number }> {
  const server = new Resident(t, new ScratchHome(t, { rcpthosts: 'test.example\n', ...controls }), args)
  return { server, port: await server.ready() }
}

async function met(server: Resident, port: number): Promise<{ client: Client; mark: string }> {
  const client = server.client(port)
  await client.replies()
  return { client, mark: `smtpd: 127.0.0.1 ${client.socket.localPort}: ` }
}

/** What one smtpd under tcpserver writes to descriptor 2. */
async function oneShot(t: Test, input: string, controls: Record<string, string>, environment: Record<string, string>): Promise<string[]> {
  const home = new ScratchHome(t, { rcpthosts: 'test.example\n', ...controls })
  const child = spawn(smtpd, [], { env: home.environment(environment), stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(Buffer.from(input, 'latin1'))
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

t.test('a message is a line with its number, its bytes and its Message-ID, and a session one at its end', async (t) => {
  const { server, port } = await resident(t)
  const { client, mark } = await met(server, port)
  await client.ask('HELO me.example\r\n')
  await client.ask(`${envelope}DATA\r\n`, 3)
  const [, number] = / qp ([0-9]+)/.exec(await client.ask('Message-ID: <1@x.example>\r\n\r\nx\r\n.\r\n')) ?? []
  await client.ask(`${envelope}DATA\r\n`, 3)
  const [, second] = / qp ([0-9]+)/.exec(await client.ask('\r\nx\r\n.\r\n')) ?? []
  await client.ask('RCPT TO:<r@test.example>\r\nQUIT\r\n', 2)
  await server.logs(`${mark}end: `)
  const lines = server.log.split('\n').filter((line) => line.startsWith(mark))
  t.match(lines, [
    new RegExp(`: message ${number}, \\d+ bytes: <1@x\\.example>$`),
    new RegExp(`: message ${second}, \\d+ bytes: -$`),
    / [0-9]+: declined: 503 MAIL first \(#5\.5\.1\): RCPT=20TO:<r@test\.example>$/,
    /: end: quit, messages 2, refused 1, seconds \d+: me\.example$/,
  ])
  t.equal(lines.length, 4)
})

t.test('a message that is refused behind its final dot is a line with its Message-ID', async (t) => {
  const { server, port } = await resident(t, { databytes: '10\n' })
  const { client, mark } = await met(server, port)
  await client.ask(`${envelope}DATA\r\n`, 3)
  await client.ask('Message-Id:\r\n <1@x.example>\r\n\r\nx\r\n.\r\n')
  await server.logs(`${mark}declined message: 552 sorry, that message size exceeds my databytes limit (#5.3.4): <1@x.example>\n`)
  await client.ask(`${envelope}DATA\r\n`, 3)
  client.send('\r\na\nb\r\n')
  await server.logs(`${mark}declined message: 451 See https://cr.yp.to/docs/smtplf.html.: -\n`)
  await server.logs(`${mark}end: a bare LF, messages 0, refused 2, seconds `)
})

t.test('every end of a session has its line', async (t) => {
  const { server, port } = await resident(t)
  const gone = await met(server, port)
  gone.client.socket.end()
  await server.logs(`${gone.mark}end: the client left, messages 0, refused 0, seconds 0: -\n`)
  const broken = await met(server, port)
  broken.client.socket.resetAndDestroy()
  await server.logs(`${broken.mark}end: the connection broke, messages 0, refused 0, seconds 0: -\n`)
  const told = await met(server, port)
  await server.ends('SIGTERM')
  t.match(server.log, `${told.mark}end: shutting down, messages 0, refused 0, seconds`)
})

t.test('who is beyond a limit has a line', async (t) => {
  const { server, port } = await resident(t, { concurrencyincoming: '1\n' })
  await met(server, port)
  const { mark } = await met(server, port)
  await server.logs(`${mark}refused, 1 connections are the limit\n`)
})

t.test('a client that talks before its greeting is refused, its words in the line', async (t) => {
  const { server, port } = await resident(t, { greetdelay: '60\n' })
  const client = server.client(port)
  client.send('HELO 192.0.2.1 refused\r\n')
  await server.logs(': declined: 554 SMTP protocol violation: you spoke before my greeting (#5.5.1): HELO=20192.0.2.1=20refused=0D=0A\n')
  await server.logs(': end: spoke before its greeting, messages 0, refused 1, seconds ')
})

t.test('control/doorlog 0 turns the lines off', async (t) => {
  const { server, port } = await resident(t, { doorlog: '0\n', concurrencyincoming: '1\n' })
  const { client } = await met(server, port)
  await met(server, port)
  await client.ask('X\r\n')
  await server.ends('SIGTERM')
  t.notMatch(server.log, /127\.0\.0\.1 /)
})

t.test(
  'without control/doorlog one connection under tcpserver says nothing on descriptor 2, as ever; with it, what the resident form says',
  async (t) => {
    const input = `HELO x\r\n${envelope}RCPT TO:<r@far.example>\r\nDATA\r\nMessage-ID: <1@x>\r\n\r\n.\r\nQUIT\r\n`
    t.same(await oneShot(t, input, {}, connection), [])
    t.same(await oneShot(t, input, { doorlog: '1\n' }, {}), [], 'nobody is there to be named')
    const lines = await oneShot(t, input, { doorlog: '1\n' }, connection)
    t.match(lines, [
      "smtpd: 203.0.113.9 4711: refused: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1): RCPT=20TO:<r@far.example>",
      /^smtpd: 203\.0\.113\.9 4711: message \d+, \d+ bytes: <1@x>$/,
      'smtpd: 203.0.113.9 4711: end: quit, messages 1, refused 1, seconds 0: x',
    ])
    t.equal(lines.length, 3)
  },
)

t.test('nothing is written where descriptor 2 is the connection, as under inetd', async (t) => {
  const home = new ScratchHome(t, { doorlog: '1\n', rcpthosts: 'test.example\n' })
  const listener = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(smtpd, [], { env: home.environment(connection), stdio: [socket, socket, socket] })
    child.on('exit', () => socket.destroy())
  })
  t.teardown(() => listener.close())
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const client = connect((listener.address() as { port: number }).port, '127.0.0.1')
  let heard = ''
  client.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
  })
  client.write('X\r\nQUIT\r\n')
  await once(client, 'close')
  t.equal(heard, '220 test.example ESMTP\r\n502 unimplemented (#5.5.1)\r\n221 test.example\r\n')
})

t.test('a relay client is declined, not refused, wherever it is', async (t) => {
  const lines = await oneShot(t, 'X\r\nQUIT\r\n', { doorlog: '1\n' }, { ...connection, RELAYCLIENT: '' })
  t.equal(lines[0], 'smtpd: 203.0.113.9 4711: declined: 502 unimplemented (#5.5.1): X')
})

t.test('what imitates a line of ours is one word of the client whose line it is', async (t) => {
  const fake = 'x\x1b\r smtpd: 192.0.2.1 1: message 9, 1 bytes: <fake@x>'
  const input = `HELO 192.0.2.1 refused: =\xe9\r\n${envelope}${fake}\r\nDATA\r\nMessage-ID: <a smtpd: 192.0.2.1 1: refused: 553 b@x>\r\n\r\n.\r\nQUIT\r\n`
  const lines = await oneShot(t, input, { doorlog: '1\n' }, connection)
  t.match(lines, [
    'smtpd: 203.0.113.9 4711: refused: 502 unimplemented (#5.5.1): x=1B=0D=20smtpd:=20192.0.2.1=201:=20message=209,=201=20bytes:=20<fake@x>',
    /^smtpd: 203\.0\.113\.9 4711: message \d+, \d+ bytes: <a=20smtpd:=20192\.0\.2\.1=201:=20refused:=20553=20b@x>$/,
    'smtpd: 203.0.113.9 4711: end: quit, messages 1, refused 1, seconds 0: 192.0.2.1=20refused:=20=3D=E9',
  ])
  t.equal(lines.length, 3)
})

t.test(`${clientWordBytes} bytes of a Message-ID, of a command and of a HELO stand in a line`, async (t) => {
  const word = (bytes: number): string => 'x'.repeat(bytes)
  for (const more of [0, 1]) {
    const [helo, command] = [word(clientWordBytes + more), `y${word(clientWordBytes - 1 + more)}`]
    const id = `<${word(clientWordBytes - 2 + more)}>`
    const input = `HELO ${helo}\r\n${command}\r\n${envelope}DATA\r\nMessage-ID: ${id}\r\n\r\n.\r\nQUIT\r\n`
    const words = (await oneShot(t, input, { doorlog: '1\n' }, connection)).map((line) => line.split(' ').at(-1))
    t.same(
      words,
      [command, id, helo].map((whole) => whole.slice(0, clientWordBytes)),
    )
  }
})

t.test(`a client that is refused without end has ${doorLinesPerClient} lines, and one that counts the others`, async (t) => {
  const lines = await oneShot(t, `${'X\r\n'.repeat(doorLinesPerClient + 100)}QUIT\r\n`, { doorlog: '1\n' }, connection)
  t.equal(lines.length, doorLinesPerClient + 1)
  t.equal(lines.at(-1), 'smtpd: 203.0.113.9: 101 lines more than its 60 within a minute')
})
