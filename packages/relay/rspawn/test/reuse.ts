/** Connections are kept on demand, never otherwise, and a kept one that is of no use does no harm. */
import t, { type Test } from 'tap'
import { manners, type Session, startHost } from '../../../../test/support/host.ts'
import { until } from '../../../../test/support/wait.ts'
import { Driver, text, type Wanted } from './support/driver.ts'

async function start(t: Test, session: Session, controls: Record<string, string> = {}) {
  const host = await startHost(session)
  t.teardown(() => host.close())
  const driver = new Driver(t, { smtproutes: `:127.0.0.1:${host.port}\n`, ...controls })
  for (let i = 0; i < 200; i += 1) driver.write(i, text)
  return { host, driver, wires: () => host.connections.map(({ wire }) => wire) }
}

/** One message each, so that they cannot share a transaction. */
const messages = (count: number, host = 'h.example'): Wanted[] => Array.from({ length: count }, (_, i) => ({ to: `r@${host}`, message: i }))
const mails = (wire: string): number => wire.split('MAIL FROM').length - 1
const isFine = (report: string): boolean => report === 'K127.0.0.1 accepted message.\nRemote host said: 250 ok\n'

t.test('a single message is followed by QUIT at once', async (t) => {
  const { driver, host, wires } = await start(t, manners())
  for (let i = 0; i < 3; i += 1) {
    await driver.deliver({ to: 'r@h.example' })
    await until('the host hears QUIT', () => wires()[i]?.endsWith('\r\n.\r\nQUIT\r\n'))
  }
  t.equal(host.connections.length, 3)
})

t.test('a burst uses a few connections again and again, and QUITs them in the end', async (t) => {
  const { driver, host, wires } = await start(t, manners())
  for (let i = 0; i < 3; i += 1) t.ok((await driver.deliver(...messages(100))).every(isFine))
  t.ok(host.connections.length < 150, `${host.connections.length} connections for 300 messages`)
  t.equal(
    wires().reduce((sum, wire) => sum + mails(wire), 0),
    300,
  )
  await until('the connections are closed', () => host.open.now === 0)
  for (const wire of wires())
    t.ok(wire.startsWith('HELO test.example\r\nMAIL') && wire.endsWith('\r\n.\r\nQUIT\r\n') && wire.split('HELO').length === 2)
})

t.test('a host that has no TLS is asked once a connection, and its connections are used again', async (t) => {
  const { driver, host, wires } = await start(t, manners(), { esmtp: '1\n' })
  for (let i = 0; i < 3; i += 1) t.ok((await driver.deliver(...messages(100))).every(isFine))
  t.ok(host.connections.length < 150, `${host.connections.length} connections for 300 messages`)
  await until('the connections are closed', () => host.open.now === 0)
  t.ok(wires().every((wire) => wire.split('EHLO').length === 2))
})

t.test('the end of the input does not wait for the connections that are kept', async (t) => {
  const { driver, host, wires } = await start(t, manners())
  await driver.deliver(...messages(60))
  t.equal(await driver.end(), 0)
  await Promise.all(host.connections.map((connection) => connection.closed()))
  t.ok(wires().every((wire) => wire.endsWith('QUIT\r\n')))
})

t.test('a message that fails ends its connection', async (t) => {
  const { driver, host, wires } = await start(
    t,
    manners((line) => (line === '.' ? '451 later' : undefined)),
  )
  const reports = await driver.deliver(...messages(60))
  t.ok(reports.every((report) => report === 'Z127.0.0.1 failed after I sent the message.\nRemote host said: 451 later\n'))
  await Promise.all(host.connections.map((connection) => connection.closed()))
  t.ok(wires().every((wire) => mails(wire) === 1 && wire.endsWith('QUIT\r\n')))
})

for (const answer of ['421 enough', '554 enough']) {
  t.test(`a host that says ${answer} to a second MAIL gets the message over a new connection`, async (t) => {
    const { driver, wires } = await start(
      t,
      manners((line, connection) => (line.startsWith('MAIL') && mails(connection.wire) > 1 ? answer : undefined)),
    )
    for (let i = 0; i < 2; i += 1) t.ok((await driver.deliver(...messages(60))).every(isFine))
    t.equal(
      wires().reduce((sum, wire) => sum + wire.split('\r\n.\r\n').length - 1, 0),
      120,
      'every message came exactly once',
    )
  })
}

t.test('a host that closes, or resets, behind each message gets the next over a new connection', async (t) => {
  for (const how of ['close', 'reset'] as const) {
    const { driver, wires } = await start(t, async (connection, index) => {
      let messages = 0
      const session = manners((line) => {
        if (line === '.') messages += 1
        if (line.startsWith('MAIL') && messages > 0) connection[how]()
        return line.startsWith('MAIL') && messages > 0 ? new Promise(() => undefined) : undefined
      })
      await session(connection, index)
    })
    for (let i = 0; i < 2; i += 1) t.ok((await driver.deliver(...messages(60))).every(isFine), how)
    t.equal(
      wires().reduce((sum, wire) => sum + wire.split('\r\n.\r\n').length - 1, 0),
      120,
      'every message came exactly once',
    )
  }
})

for (const [what, reply] of [
  ['says something after a message', { at: '.', say: '250 ok\r\n250 what else' }],
  ['takes leave after a message', { at: '.', say: '250 ok\r\n421 timeout' }],
  ['answers the second MAIL with nonsense', { at: 'MAIL', say: 'hello' }],
  ['answers the second MAIL twice, first with 354', { at: 'MAIL', say: '354 go\r\n250 ok' }],
] as const) {
  t.test(`a host that ${what} gets the next one over a new connection`, async (t) => {
    const { driver, wires } = await start(
      t,
      manners((line, connection) =>
        line.startsWith(reply.at) && (reply.at === '.' || mails(connection.wire) > 1) ? reply.say : undefined,
      ),
    )
    for (let i = 0; i < 2; i += 1) t.ok((await driver.deliver(...messages(60))).every(isFine))
    t.equal(
      wires().reduce((sum, wire) => sum + wire.split('\r\n.\r\n').length - 1, 0),
      120,
      'every message came exactly once',
    )
  })
}

t.test('A2: a host that answers 250 to DATA on a kept connection has no message', async (t) => {
  const { driver, wires } = await start(
    t,
    manners((line, connection) => (line === 'DATA' && mails(connection.wire) > 1 ? '250 reset' : undefined)),
  )
  const reports = [...(await driver.deliver(...messages(60))), ...(await driver.deliver(...messages(60)))]
  const bodies = wires().reduce((sum, wire) => sum + wire.split('\r\n.\r\n').length - 1, 0)
  t.equal(reports.filter(isFine).length, bodies)
  t.ok(reports.every((report) => isFine(report) || report.startsWith('ZConnected to 127.0.0.1 but it is out of step: ')))
})

t.test('a new connection on which MAIL is refused is believed', async (t) => {
  const { driver } = await start(
    t,
    manners((line) => (line.startsWith('MAIL') ? '550 not you' : undefined)),
  )
  const refused = 'DConnected to 127.0.0.1 but sender was rejected.\nRemote host said: 550 not you\n'
  t.ok((await driver.deliver(...messages(30))).every((report) => report === refused))
})

t.test('a slow host does not hold up other mail', async (t) => {
  const slow = await startHost((connection) => connection.closed())
  t.teardown(() => slow.close())
  const { driver, host } = await start(t, manners())
  driver.control('smtproutes', `slow.example:127.0.0.1:${slow.port}\n:127.0.0.1:${host.port}\n`)
  const stuck = driver.deliver(...messages(60, 'slow.example'))
  await until('more than the limit are connected, after a moment', () => slow.connections.length === 60)
  t.ok((await driver.deliver(...messages(60))).every(isFine))
  await slow.close()
  t.ok((await stuck).every((report) => report === 'ZConnected to 127.0.0.1 but connection died. (#4.4.2)\n'))
})
