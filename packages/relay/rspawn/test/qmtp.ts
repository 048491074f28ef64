/** QMTP to the hosts that control/qmtproutes names; remote and rspawn alike. */
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { manners, startHost } from '../../../../test/support/host.ts'
import { Driver, text } from './support/driver.ts'

const remote = join(import.meta.dirname, '../../../../bin/remote')
const netstring = (bytes: string): string => `${Buffer.byteLength(bytes, 'latin1')}:${bytes},`
const packageOf = (message: string, sender: string, recipients: string[]): string =>
  netstring(`\n${message}`) + netstring(sender) + netstring(recipients.map(netstring).join(''))

/** A host that waits for so many bytes, and answers with these; or reads nothing. */
async function startQmtp(t: Test, expected: () => number, answer: string, then: 'wait' | 'close' | 'reset' | 'pause' = 'wait') {
  const open = new Set<Socket>()
  const wires: string[] = []
  const server = createServer((socket) => {
    open.add(socket)
    const index = wires.push('') - 1
    socket.setEncoding('latin1')
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    socket.on('data', (bytes: string) => {
      wires[index] += bytes
      const before = (wires[index]?.length ?? 0) - bytes.length
      if (before >= expected() || before + bytes.length < expected()) return
      if (then === 'close') socket.end(answer, 'latin1')
      else socket.write(answer, 'latin1')
      if (then === 'reset') socket.resetAndDestroy()
    })
    if (then === 'pause') socket.pause()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, wires }
}

async function byRemote(driver: Driver, recipients: string[], input = text): Promise<string[]> {
  const { stdout } = await execa(remote, ['h.example', 's@test.example', ...recipients], {
    env: { YABUMI_HOME: driver.home },
    input: Buffer.from(input, 'latin1'),
    stripFinalNewline: false,
  })
  return stdout.split('\0').slice(0, -1)
}

t.test('one message is one package, and each recipient has an answer of its own', async (t) => {
  const to = ['a@h.example', 'no@h.example', 'later@H.Example', 'b c@h.example']
  const wire = packageOf(text, 's@test.example', to)
  const answers = ['Kok 1795372785 qp 26', 'Dno such user (#5.1.1)', 'Zbusy\r\n', 'Kok 1795372785 qp 26'].map(netstring).join('')
  const host = await startQmtp(t, () => wire.length, answers)
  const driver = new Driver(t, { qmtproutes: `h.example:127.0.0.1:${host.port}\n` })
  driver.write(1, text)
  const accepted = 'K127.0.0.1 accepted message.\nRemote host said: ok 1795372785 qp 26\n'
  t.same(await driver.deliver(...to.map((recipient) => ({ to: recipient }))), [
    accepted,
    'D127.0.0.1 does not like recipient.\nRemote host said: no such user (#5.1.1)\nGiving up on 127.0.0.1.\n',
    'Z127.0.0.1 does not like recipient.\nRemote host said: busy\nGiving up on 127.0.0.1.\n',
    accepted,
  ])
  t.same(await byRemote(driver, to), [
    'r',
    'h127.0.0.1 does not like recipient.\nRemote host said: no such user (#5.1.1)\n',
    's127.0.0.1 does not like recipient.\nRemote host said: busy\n',
    'r',
    accepted,
  ])
  t.same(host.wires, [wire, wire])
})

t.test('a message goes as it is: big, with bare CRs, without a last line end, empty', async (t) => {
  let wire = ''
  const host = await startQmtp(t, () => wire.length, netstring('Kok'))
  const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
  for (const message of ['', 'a\rb\r\n.\n..\nno end', `x\xff\n`.repeat(50_000), 'y'.repeat(65_536)]) {
    wire = packageOf(message, '', ['r@h.example'])
    driver.write(1, message)
    t.same(await driver.deliver({ to: 'r@h.example', from: '' }), ['K127.0.0.1 accepted message.\nRemote host said: ok\n'])
    t.ok(host.wires.at(-1) === wire, `${message.length} bytes`)
  }
})

t.test('a recipient that was accepted stays so if the connection dies then', async (t) => {
  const to = ['a@h.example', 'b@h.example']
  const wire = packageOf(text, 's@test.example', to)
  const host = await startQmtp(t, () => wire.length, `${netstring('Kok')}5:Ko`, 'close')
  const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
  driver.write(1, text)
  t.same(await driver.deliver(...to.map((recipient) => ({ to: recipient }))), [
    'K127.0.0.1 accepted message.\nRemote host said: ok\n',
    'ZConnected to 127.0.0.1 but connection died. Possible duplicate! (#4.4.2)\n',
  ])
})

t.test('what is no answer ends the delivery', async (t) => {
  const wire = packageOf(text, 's@test.example', ['r@h.example'])
  for (const [answer, report] of [
    ['220 this is SMTP\r\n', 'ZConnected to 127.0.0.1 but connection died. Possible duplicate! (#4.4.2)\n'],
    ['99999999:', 'ZConnected to 127.0.0.1 but connection died. Possible duplicate! (#4.4.2)\n'],
    ['0:,', 'Z127.0.0.1 does not like recipient.\nGiving up on 127.0.0.1.\n'],
    ['5:Kok\0\0,', 'K127.0.0.1 accepted message.\nRemote host said: ok??\n'],
  ] as const) {
    const host = await startQmtp(t, () => wire.length, answer)
    const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
    driver.write(1, text)
    t.same(await driver.deliver({ to: 'r@h.example' }), [report])
  }
})

t.test('A4: answers that have come count when the connection is reset right behind them', async (t) => {
  const wire = packageOf(text, 's@test.example', ['a@h.example', 'b@h.example'])
  const host = await startQmtp(t, () => wire.length, `${netstring('Kok')}${netstring('Dno')}`, 'reset')
  const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
  driver.write(1, text)
  t.same(await driver.deliver({ to: 'a@h.example' }, { to: 'b@h.example' }), [
    'K127.0.0.1 accepted message.\nRemote host said: ok\n',
    'D127.0.0.1 does not like recipient.\nRemote host said: no\nGiving up on 127.0.0.1.\n',
  ])
})

t.test("A1: answers too many are nobody's", async (t) => {
  const wire = packageOf(text, 's@test.example', ['a@h.example'])
  const report = /^ZConnected to 127\.0\.0\.1 but it is out of step: an answer too many\. Possible duplicate! \(#4\.5\.0\)\n$/
  for (const answer of [`${netstring('Kok')}${netstring('Dno')}`, `${netstring('Dno')}${netstring('Kok')}`, `${netstring('Kok')}x`]) {
    const host = await startQmtp(t, () => wire.length, answer)
    const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
    driver.write(1, text)
    t.match(await driver.deliver({ to: 'a@h.example' }), [report])
    t.match(await byRemote(driver, ['a@h.example']), [report])
  }
})

t.test('A5: an answer before the end of the message is none', async (t) => {
  const message = 'This is one of many lines.\n'.repeat(1_000_000)
  for (const [answer, then] of [
    [netstring('Kok'), 'wait'],
    [netstring('Dno'), 'reset'],
    [netstring('Ztoo big'), 'close'],
  ] as const) {
    const host = await startQmtp(t, () => 1, answer, then)
    const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
    driver.write(1, message)
    t.match(await driver.deliver({ to: 'a@h.example' }), [
      /^ZConnected to 127\.0\.0\.1 but (it is out of step: an answer before the end|connection died)/,
    ])
  }
})

t.test('A10: an answer is printable in a report', async (t) => {
  const wire = packageOf(text, 's@test.example', ['a@h.example'])
  const host = await startQmtp(t, () => wire.length, netstring('D\x1b[2Jb\xfccher\x07\n'))
  const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n` })
  driver.write(1, text)
  t.match(await driver.deliver({ to: 'a@h.example' }), ['D127.0.0.1 does not like recipient.\nRemote host said: ?[2Jb?cher?\nGiving up'])
})

t.test('an attempt has its time up to the end of the message', async (t) => {
  const host = await startQmtp(t, () => -1, '', 'pause')
  const driver = new Driver(t, { qmtproutes: `:127.0.0.1:${host.port}\n`, timeoutattempt: '3\n' })
  driver.write(1, 'x\n'.repeat(10_000_000))
  t.same(await driver.deliver({ to: 'a@h.example' }), ['ZConnected to 127.0.0.1 but the message was not handed over in time. (#4.4.2)\n'])
})

t.test('qmtproutes goes before smtproutes, and an empty relay there leaves the host to SMTP', async (t) => {
  const smtp = await startHost(manners())
  t.teardown(() => smtp.close())
  const driver = new Driver(t, { qmtproutes: ':127.0.0.1:1\n.plain.example:\n', smtproutes: `:127.0.0.1:${smtp.port}\n` })
  driver.write(1, text)
  t.same(await driver.deliver({ to: 'r@a.plain.example' }, { to: 'r@h.example' }), [
    'K127.0.0.1 accepted message.\nRemote host said: 250 ok\n',
    "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n",
  ])
})
