/** Postfix's smtp-sink as the next host, and its smtp-source in front: what passes through is there once, byte for byte. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { missing } from '../support/programs.ts'
import { arrived, runPeer, untilRetried, workplace } from './support/peer.ts'
import { startSmtpSink } from './support/smtpsink.ts'

t.test('postfix', { skip: missing('smtp-sink', 'smtp-source') }, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('bounceformat', undefined) // as qmail writes them
  const place = workplace(home, 'source')
  const goodPort = await freePort()
  const badPort = await freePort()
  home.control('rcpthosts', `${hostName}\n.example\n`)
  home.control('smtproutes', `:127.0.0.1:${goodPort}\nbad.example:127.0.0.1:${badPort}\n`)
  home.control('concurrencyremote', '100\n')
  const sink = await startSmtpSink(t, home, goodPort)
  const running = await home.supervise()
  const source = (options: string[], sender: string, recipient: string) =>
    runPeer(place, 'smtp-source', [...options, '-f', sender, '-t', recipient, `inet:127.0.0.1:${running.smtpPort}`])

  const message = 'From: a@source.example\nTo: all@far.example\nSubject: through\n\n.\n..\nFrom here\n\ncaf\xe9\n\n'
  const file = join(place, 'message')
  writeFileSync(file, message, 'latin1')
  const sent = `${message}\n` // smtp-source adds an empty line

  await t.test('300 messages in over 10 sessions are 300 transactions at smtp-sink, each with its recipient', async (t) => {
    await source(['-s', '10', '-m', '300', '-N', '-F', file], 'a@source.example', 'x@far.example')
    await running.emptied()
    const through = sink.transactions()
    t.same(through.flatMap(({ recipients }) => recipients).sort(), Array.from({ length: 300 }, (_, n) => `${n + 1}x@far.example`).sort())
    t.equal(through.length, 300)
    t.same([...new Set(through.map(({ sender }) => sender))], ['a@source.example'])
    const fields =
      /^Received: \(qmail \d+ invoked from network\); [^\n]+\nReceived: from \S+ \(HELO \S+\) \(127\.0\.0\.1\)\n {2}by \S+ with SMTP; [^\n]+\n/
    t.ok(through.every(({ text }) => fields.test(text)))
    t.same([...new Set(through.map(({ text }) => text.replace(fields, '')))], [`${sent}\n`])
  })

  await t.test('one message to 60 recipients reaches each of them, in fewer transactions', async (t) => {
    const before = sink.transactions().length
    await source(['-r', '60', '-F', file], 'b@source.example', 'y@far.example')
    await running.emptied()
    const through = sink.transactions().filter(({ sender }) => sender === 'b@source.example')
    t.equal(new Set(through.flatMap(({ recipients }) => recipients)).size, 60)
    t.equal(through.flatMap(({ recipients }) => recipients).length, 60)
    t.ok(sink.transactions().length - before < 10, `${through.length} transactions`)
  })

  await t.test('a recipient whom smtp-sink refuses for good bounces', async (t) => {
    const refusing = await startSmtpSink(t, home, badPort, '-f', 'RCPT')
    await source(['-F', file], `joe@${hostName}`, 'z@bad.example')
    const bounce = await arrived(home, 'joe', 'Subject: failure notice\n')
    await refusing.stop()
    t.match(
      bounce,
      /\n<z@bad\.example>:\n127\.0\.0\.1 does not like recipient\.\nRemote host said: 5\d\d [^\n]+\nGiving up on 127\.0\.0\.1\.\n/,
    )
    t.ok(bounce.endsWith(`\n${sent}`))
    t.same(refusing.transactions(), [])
  })

  await t.test('a message that smtp-sink defers, or cuts off in the middle, gets there later', async (t) => {
    for (const [options, text] of [
      [['-r', 'DATA'], 'failed on DATA command'],
      [['-q', '.'], 'connected to 127.0.0.1 but connection died'],
    ] as const) {
      const sender = `${options[0].slice(1)}@source.example`
      const moody = await startSmtpSink(t, home, badPort, ...options)
      await source(['-F', file], sender, 'z@bad.example')
      await running.logs(new RegExp(`delivery \\d+: deferral: [^\\n]*${text.replaceAll(' ', '_').toLowerCase()}`, 'i'))
      await moody.stop()
      const well = await startSmtpSink(t, home, badPort)
      await untilRetried(running, 'it is on its way', () => well.transactions().length === 1)
      await running.emptied() // smtp-sink writes down what it has heard before it says that it has it, and not sooner
      await well.stop()
      const [through] = well.transactions()
      t.equal(through?.sender, sender)
      t.same(through?.recipients, ['z@bad.example'])
      t.ok(through?.text.endsWith(`\n${sent}\n`))
    }
  })
})
