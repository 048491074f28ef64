/** A host that does not want to talk: the next one of its domain gets the mail, and is asked first for a while. */
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { type HostConnection, manners, type Session, startHost } from '../../../../test/support/host.ts'
import { Driver, text } from './support/driver.ts'

const remote = join(import.meta.dirname, '../../../../bin/remote')

/** A domain with a best host that has this session, and a second one with manners. */
async function start(t: Test, session: Session, second: Session = manners()) {
  const best = await startHost(session, '127.0.0.2')
  const other = await startHost(second, '127.0.0.3', best.port)
  const dns = await startDnsServer({
    'h.example': {
      MX: [
        [10, 'best.example'],
        [20, 'other.example'],
      ],
    },
    'one.example': { MX: [[10, 'best.example']] },
    'best.example': { A: ['127.0.0.2'] },
    'other.example': { A: ['127.0.0.3'] },
  })
  t.teardown(() => Promise.all([best.close(), other.close(), dns.close()]))
  const driver = new Driver(t, { resolvers: `${dns.address}\n`, smtproutes: `::${best.port}\n` })
  driver.write(1, text)
  return { best, other, driver }
}

/** Says this to the greeting or to HELO, and closes. */
const refuse = (greeting: string, helo?: string): Session => {
  return async (connection: HostConnection) => {
    connection.say(`${greeting}\r\n`)
    if (helo === undefined) return
    await connection.line()
    connection.say(`${helo}\r\n`)
    await connection.closed()
  }
}

const accepted = 'K127.0.0.3 accepted message.\nRemote host said: 250 ok\n'

for (const [what, session] of [
  ['greets with 421', refuse('421 busy')],
  ['greets with 554', refuse('554 go away')],
  ['refuses HELO for now', refuse('220 hi', '450 who are you')],
  ['refuses HELO for good', refuse('220 hi', '550 who are you')],
  ['is closing at HELO', refuse('220 hi', '421 bye')],
  ['is closing at MAIL', manners((line) => (line.startsWith('MAIL') ? '421 too many messages' : undefined))],
  ['takes leave behind its answer to HELO', refuse('220 hi', '250 hello\r\n421 too busy')],
  [
    'closes at MAIL',
    async (connection: HostConnection) => {
      connection.say('220 hi\r\n')
      await connection.line()
      connection.say('250 hello\r\n')
      await connection.line()
    },
  ],
  ['closes', async () => undefined],
  [
    'resets',
    async (connection: HostConnection) => {
      connection.say('220 hi\r\n')
      await connection.line()
      connection.reset()
    },
  ],
  ['is no mail host', refuse('HTTP/1.1 400 Bad Request')],
  ['greets twice', refuse('220 hi\r\n220 hi', '250 ok')],
] as const) {
  t.test(`A6: the best host ${what}: the next one gets the message, and is asked first from then on`, async (t) => {
    const { driver, best, other } = await start(t, session)
    const { stdout } = await execa(remote, ['h.example', 's@test.example', 'r@h.example'], {
      env: { YABUMI_HOME: driver.home },
      input: text,
      stripFinalNewline: false,
    })
    t.equal(stdout, `r\0${accepted}\0`, 'remote')
    const before = best.connections.length
    for (let i = 0; i < 4; i += 1) t.same(await driver.deliver({ to: 'r@h.example' }), [accepted])
    t.equal(best.connections.length - before, 1, 'the best host is asked once')
    t.equal(other.connections.length, 5)
  })
}

t.test('A6: where no host wants to talk the report is that of the best one, and the order does not matter', async (t) => {
  const { driver, best, other } = await start(t, refuse('421 busy'), refuse('554 no'))
  const report = 'ZConnected to 127.0.0.2 but greeting failed.\nRemote host said: 421 busy\n'
  t.same(await driver.deliver({ to: 'r@h.example' }), [report])
  t.match(await driver.deliver({ to: 'r@h.example' }), [/^Z.*greeting failed/])
  t.equal(best.connections.length, 2, 'both are asked again')
  t.equal(other.connections.length, 2)
})

t.test('A6: a host that is the only one is asked each time', async (t) => {
  let busy = true
  const { driver, best } = await start(t, (connection, index) => (busy ? refuse('421 busy') : manners())(connection, index))
  t.match(await driver.deliver({ to: 'r@one.example' }), [/^Z.*greeting failed/])
  busy = false
  t.same(await driver.deliver({ to: 'r@one.example' }), [accepted.replace('.3', '.2')])
  t.same(await driver.deliver({ to: 'r@h.example' }), [accepted.replace('.3', '.2')], 'and once it talks it is the best again')
  t.equal(best.connections.length, 3)
})

t.test('A6: what a host says of the message is for no other host to overrule', async (t) => {
  for (const [word, answer] of [
    ['MAIL', '550 not you'],
    ['MAIL', '451 later'],
    ['RCPT', '550 nobody'],
    ['DATA', '451 later'],
    ['.', '554 spam'],
  ] as const) {
    const { driver, other } = await start(
      t,
      manners((line) => (line.startsWith(word) ? answer : undefined)),
    )
    t.match(await driver.deliver({ to: 'r@h.example' }), [new RegExp(`127\\.0\\.0\\.2.*\\n.*${answer}`)])
    t.equal(other.connections.length, 0)
  }
})
