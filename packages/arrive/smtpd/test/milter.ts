/** Filters between the client and queue: control/milters. */
import t, { type Test } from 'tap'
import { encodePacket, strings } from '../../milter/src/packets.ts'
import { type Answers, type Filter, go, startFilter } from '../../milter/test/scratch/filter.ts'
import { oneShot } from './scratch/bothways.ts'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const message = 'Subject: x\r\n\r\nbody\r\n..dot\r\n'
const session = `HELO h\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<a@test.example>\r\nRCPT TO:<b@test.example>\r\nDATA\r\n${message}.\r\nQUIT\r\n`

function line({ milter }: Filter, options = ''): string {
  const { address } = milter
  return 'port' in address ? `inet:127.0.0.1:${address.port} name=test ${options}\n` : ''
}

/** @returns the reply to the message, and the home with what was queued */
async function through(t: Test, answers: Answers, options = ''): Promise<{ reply: string; home: ScratchHome; heard: string[] }> {
  const filter = await startFilter(t, answers)
  const home = new ScratchHome(t, { milters: line(filter, options) })
  const replies = await oneShot(home, session, { TCPREMOTEIP: '192.0.2.7', TCPREMOTEHOST: 'mail.example' })
  return { reply: replies.split('\r\n')[6] ?? '', home, heard: filter.heard }
}

t.test('a message goes to queue as filters have left it, our Received field on top', async (t) => {
  const answers = {
    E: () =>
      Buffer.concat([
        encodePacket('i', Buffer.concat([Buffer.alloc(4), Buffer.from(strings('X-Seen', 'yes'))])),
        encodePacket('-', strings('<a@test.example>')),
        encodePacket('q', strings('odd\nBcc: x')),
        go,
      ]),
  }
  const { reply, home, heard } = await through(t, answers)
  t.match(reply, /^250 ok TIME qp N$/)
  const [queued] = home.queued()
  t.match(
    queued?.message,
    /^Received: from mail.example [^\n]+\n {2}by [^\n]+\nX-Quarantine: odd\?Bcc: x\nX-Seen: yes\nSubject: x\n\nbody\n\.dot\n$/,
  )
  t.equal(queued?.envelope, 'Fs@x.example\0Tb@test.example\0\0')
  t.notOk(
    heard.some((step) => step.startsWith('L Received')),
    'which filters do not see',
  )
  t.ok(heard.includes('C mail.example\x004\0\x00192.0.2.7\0'))
})

t.test('what a filter says is the reply, and nothing is queued', async (t) => {
  for (const [answer, expected] of [
    [encodePacket('r'), '550 a filter refuses that message (#5.7.1)'],
    [encodePacket('t'), '451 a filter puts that message off, try again later (#4.7.1)'],
    [encodePacket('y', '554 5.7.1 spam\0'), '554 5.7.1 spam'],
    [
      Buffer.concat([encodePacket('-', strings('<a@test.example>')), encodePacket('-', strings('<b@test.example>')), go]),
      '550 a filter leaves that message to nobody (#5.7.1)',
    ],
  ] as const) {
    const { reply, home } = await through(t, { E: () => answer })
    t.equal(reply, expected)
    t.same(home.queued(), [])
  }
  const { reply, home } = await through(t, { E: () => encodePacket('d') })
  t.match(reply, /^250 ok/, 'dropped without a word')
  t.same(home.queued(), [])
})

t.test('a filter in trouble: the message waits, is refused or goes on, as its line says', async (t) => {
  const torn = { E: () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x63]) }
  t.equal((await through(t, torn)).reply, '451 a filter is not there now, try again later (#4.7.1)')
  t.equal((await through(t, torn, 'default=reject')).reply, '550 a filter is not there (#5.7.1)')
  const { reply, home } = await through(t, torn, 'default=accept')
  t.match(reply, /^250 ok/)
  t.match(home.queued()[0]?.message, /\nSubject: x\n\nbody\n\.dot\n$/)
})

t.test('a bad line closes: nothing is taken until it is put right', async (t) => {
  const home = new ScratchHome(t, { milters: 'inet:nowhere\n' })
  t.match(await oneShot(home, session), '451 the filters of this host cannot be read, try again later (#4.3.0)')
  home.control('milters', '# none\n')
  t.match(await oneShot(home, session), '250 ok TIME qp N')
})

t.test('skip=relay: clients that may relay are not shown', async (t) => {
  const filter = await startFilter(t, { E: () => encodePacket('r') })
  const home = new ScratchHome(t, { milters: line(filter, 'skip=relay') })
  t.match(await oneShot(home, session, { RELAYCLIENT: '' }), '250 ok TIME qp N')
  t.match(await oneShot(home, session), '550 a filter refuses that message')
})

t.test('a long message, and many at once, come through whole; the log says what filters did', async (t) => {
  const filter = await startFilter(t, {})
  const refusing = await startFilter(t, { M: (data) => (data.includes('bad@') ? encodePacket('r') : go) })
  const home = new ScratchHome(t, { milters: line(filter) + line(refusing) })
  const server = new Resident(t, home)
  const port = await server.ready()
  const body = `${'x'.repeat(900)}\r\n`.repeat(3_000)
  const clients = Array.from({ length: 4 }, () => new Client(t, port))
  await Promise.all(clients.map((client) => client.replies()))
  const envelope = 'MAIL FROM:<s@x.example>\r\nRCPT TO:<a@test.example>\r\nDATA\r\n'
  await Promise.all(clients.map((client) => client.ask(envelope, 3)))
  for (const reply of await Promise.all(clients.map((client) => client.ask(`Subject: long\r\n\r\n${body}.\r\n`)))) t.match(reply, /^250 ok/)
  const queued = home.queued()
  t.equal(queued.length, 4)
  for (const { message: text } of queued) t.ok(text.endsWith(`\nSubject: long\n\n${body.replaceAll('\r\n', '\n')}`))
  const [client] = clients
  await client?.ask('MAIL FROM:<bad@x.example>\r\nRCPT TO:<a@test.example>\r\nDATA\r\n', 3)
  t.match(await client?.ask('Subject: y\r\n\r\n.\r\n'), /^550 a filter refuses/)
  await server.logs('filter test: 550 a filter refuses that message (#5.7.1)')
})
