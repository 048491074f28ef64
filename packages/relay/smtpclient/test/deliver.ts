/** A message over one connection to a host that behaves well, badly or not at all. */
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { noFacts } from '@yabumi/facts'
import t from 'tap'
import { type HostConnection, manners, type Session, startHost } from '../../../../test/support/host.ts'
import { hasIpv6 } from '../../../../test/support/ports.ts'
import { currentSettings, deliver } from '../src/index.ts'
import { attempt, body, head, makeHome } from './support/attempt.ts'

makeHome(t)

const died = 'ZConnected to 127.0.0.1 but connection died. (#4.4.2)\n'
const diedLate = 'ZConnected to 127.0.0.1 but connection died. Possible duplicate! (#4.4.2)\n'

t.test('a message is accepted', async (t) => {
  const { reports, wires } = await attempt(t, manners())
  t.same(reports, ['r', 'K127.0.0.1 accepted message.\nRemote host said: 250 ok\n'])
  t.same(wires, [`${head}DATA\r\n${body}QUIT\r\n`])
})

t.test('IPv6 works as IPv4 does', { skip: !(await hasIpv6()) && 'no ::1 here' }, async (t) => {
  const { reports } = await attempt(t, manners(), { address: '::1' })
  t.same(reports, ['r', 'K::1 accepted message.\nRemote host said: 250 ok\n'])
})

t.test('a line break in an address never reaches the wire', async (t) => {
  const bad = 'x\r\nDATA\r\n@h.example'
  const { reports, wires } = await attempt(t, manners(), { recipients: [bad, 'r@h.example', 'a\nb'] })
  const refusal = 'hSorry, an address with a line break in it cannot be sent by SMTP. (#5.1.3)\n'
  t.same(reports.slice(0, 3), [refusal, 'r', refusal])
  t.same(wires, [`${head}DATA\r\n${body}QUIT\r\n`])
  const sender = await attempt(t, manners(), { sender: bad })
  t.match(sender.reports, [/^DSorry, a sender address with a line break/])
  t.same(sender.wires, ['HELO test.example\r\nQUIT\r\n'])
})

t.test('a host that closes with its last word is heard', async (t) => {
  const { reports, wires } = await attempt(t, async (host) => {
    host.say('554 go away\r\n')
    host.close()
    await host.closed()
  })
  t.same(reports, ['ZConnected to 127.0.0.1 but greeting failed.\nRemote host said: 554 go away\n'])
  t.same(wires, ['QUIT\r\n'])
})

t.test('a connection that dies before the message is whole is a deferral', async (t) => {
  const at = (word: string, how: (host: HostConnection) => void): Session =>
    manners((line, host) => {
      if (line.startsWith(word)) how(host)
      return line.startsWith(word) ? new Promise(() => undefined) : undefined
    })
  for (const word of ['HELO', 'MAIL', 'RCPT', 'DATA']) {
    t.same(
      (
        await attempt(
          t,
          at(word, (host) => host.close()),
        )
      ).reports.at(-1),
      died,
      `closed at ${word}`,
    )
    t.same(
      (
        await attempt(
          t,
          at(word, (host) => host.reset()),
        )
      ).reports.at(-1),
      died,
      `reset at ${word}`,
    )
  }
})

t.test('a connection that dies behind the final dot may mean a duplicate', async (t) => {
  const silent = manners((line, host) => {
    if (line === '.') host.close()
    return line === '.' ? new Promise(() => undefined) : undefined
  })
  t.same((await attempt(t, silent)).reports, ['r', diedLate])
})

t.test('a host that is silent or drips does not hold a delivery', async (t) => {
  writeFileSync('control/timeoutremote', '1\n')
  t.same((await attempt(t, (host) => host.closed())).reports, [died], 'silent')
  const drip = async (host: HostConnection): Promise<void> => {
    const timer = setInterval(() => host.say('220-more\r\n'), 100)
    await host.closed()
    clearInterval(timer)
  }
  t.same((await attempt(t, drip)).reports, [died], 'a greeting without end')
  const stuck = manners((line) => (line === '.' ? new Promise(() => undefined) : undefined))
  t.same((await attempt(t, stuck, { message: '' })).reports, ['r', diedLate], 'no answer to the message')
  writeFileSync('control/timeoutremote', '1200\n')
})

t.test('a partial last line is refused, and the host never sees an end', async (t) => {
  const long = await attempt(t, manners(), { message: `${'line\n'.repeat(100_000)}partial` })
  t.same(long.reports, ['r', 'DSMTP cannot transfer messages with partial final lines. (#5.6.2)\n'])
  t.notOk(long.wires[0]?.includes('\r\n.\r\n'))
  const short = await attempt(t, manners(), { message: 'partial' })
  t.same(short.wires, [`${head}DATA\r\n`])
})

t.test('a message that cannot be read is a deferral', async (t) => {
  const host = await startHost(manners())
  t.teardown(() => host.close())
  writeFileSync('control/smtproutes', `:127.0.0.1:${host.port}\n`)
  const fd = openSync('.', 'r')
  const reports = await deliver({ host: 'h', sender: 's', recipients: ['r'], facts: noFacts, fd }, currentSettings())
  t.same(reports, ['r', 'ZUnable to read message. (#4.3.0)\n'])
})

t.test('a large message goes through in pieces', async (t) => {
  const line = `${'.'.repeat(70)}\n`
  const { reports, wires } = await attempt(t, manners(), { message: line.repeat(200_000) })
  t.match(reports.at(-1), /^K/)
  t.equal(wires[0]?.length, head.length + 'DATA\r\n'.length + 200_000 * (line.length + 2) + '.\r\nQUIT\r\n'.length)
})

t.test('a connection clears the timeouts of an address, a refusal counts as none', async (t) => {
  const record = Buffer.alloc(1024)
  Buffer.from([127, 0, 0, 1, 1]).copy(record)
  writeFileSync('queue/lock/tcpto', record)
  writeFileSync('control/smtproutes', ':127.0.0.1:1\n')
  const fd = openSync('message', 'r')
  const refused = await deliver({ host: 'h', sender: 's', recipients: ['r'], facts: noFacts, fd }, currentSettings())
  t.same(refused, ["ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"])
  t.same(readFileSync('queue/lock/tcpto'), record)
  await attempt(t, manners())
  record[4] = 0
  t.same(readFileSync('queue/lock/tcpto'), record)
})
