/** What people send: whose it may say to be, what is put right in its header, and that everything else stays byte for byte. */
import { submittedHeaderBytes } from '@yabumi/limits'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Dialogue, smtpReply } from '../../../../test/support/dialogue.ts'
import { hostName, ScratchHome } from '../../../../test/support/home.ts'
import { freePort } from '../../../../test/support/ports.ts'
import { until } from '../../../../test/support/wait.ts'

const foreign = '550 your From address is not yours (#5.7.1)\r\n'
const odd = '550 the sender fields cannot be understood (#5.6.0)\r\n'
const mine = `joe@${hostName}`

interface Desk {
  /** @returns the reply to the message. @param message - with LF */
  send(message: string): Promise<string>
  /** What has arrived at ann last. */
  arrived(): Promise<string>
}

async function desk(t: Test, controls: Record<string, string> = {}): Promise<Desk> {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('enhancedstatus', '0\n') // replies are compared to the byte
  for (const [name, text] of Object.entries(controls)) home.control(name, text)
  await home.run('setpassword', ['joe'], { input: 'geheim\n' })
  const running = await home.supervise({ smtp: [], pop3: [], submission: [`127.0.0.1:${await freePort()}`] })
  const client = await Dialogue.open(running.submissionPort, smtpReply)
  t.teardown(() => client.close())
  await client.say('EHLO x', smtpReply)
  await client.say(`AUTH PLAIN ${Buffer.from('\0joe\0geheim').toString('base64')}`, smtpReply)
  let taken = 0
  const seen = new Set<string>()
  return {
    async send(message) {
      await client.say(`MAIL FROM:<${mine}>`, smtpReply)
      await client.say(`RCPT TO:<ann@${hostName}>`, smtpReply)
      await client.say('DATA', smtpReply)
      const lines = message.replace(/^\./gm, '..').replaceAll('\n', '\r\n')
      const answer = await client.say(`${lines}.`, smtpReply)
      if (answer.startsWith('250')) taken += 1
      return answer
    },
    async arrived() {
      const all = await until('the message comes', () => home.maildir('ann').length === taken && home.maildir('ann'))
      const fresh = all.find((message) => !seen.has(message))
      for (const message of all) seen.add(message)
      const fields = fresh?.replace(/^(?:Return-Path|Delivered-To|Received): .*\n(?:[ \t].*\n)*/gm, '') ?? ''
      return fields
    },
  }
}

t.test('each sender field must be one’s own, and one that nobody can read is refused', async (t) => {
  const { send } = await desk(t)
  const cases: [header: string, answer: string | RegExp][] = [
    [`From: ${mine}`, /^250/],
    [`From: "Joe (x)" <JOE@${hostName.toUpperCase()}> (comment)`, /^250/],
    [`From: Joe <joe-list@${hostName}>`, /^250/],
    [`From: <@relay.example:${mine}>`, /^250/],
    [`From: ${mine}, joe-a@${hostName}`, /^250/],
    [`From: =?utf-8?q?J=C3=B6?= <${mine}>\nSender: ${mine}`, /^250/],
    [`From: ann@${hostName}`, foreign],
    [`From: ${mine}, boss@elsewhere.example`, foreign],
    [`From: "${mine}" <boss@elsewhere.example>`, foreign],
    [`From: ${mine}\nSender: ann@${hostName}`, foreign],
    [`From: ${mine}\nResent-From: ann@${hostName}`, foreign],
    [`From: ${mine}\nFrom: ${mine}`, odd],
    ['From: joe', odd],
    ['From: ', odd],
    ['From: team: joe@x.example;', odd],
    [`From: team:;`, odd],
    ['From: <joe@', odd],
    ['From: "unclosed', odd],
    [`From: ${mine}\nSubject: \xff\xfe`, '554 header is neither ASCII nor UTF-8 (#5.6.7)\r\n'],
    [`From: ${mine}\nSubject: ${Buffer.from('Grüße').toString('latin1')}`, /^250/],
  ]
  for (const [header, answer] of cases) t.match(await send(`${header}\n\nbody\n`), answer, JSON.stringify(header))
})

t.test('what is missing is added, what is nobody’s business goes, and the rest stays as it was', async (t) => {
  const { send, arrived } = await desk(t)
  await send(
    `Bcc: secret@x.example,\n more@x.example\nSubject:  folded\n\t here \nX-Originating-IP: 10.0.0.1\nAuthentication-Results: ${hostName}; spf=pass\nReturn-Path: <x@y>\nTo: ann\n\n.dot\nbody\n`,
  )
  const message = await arrived()
  t.match(
    message,
    /^Date: \d+ \w{3} \d{4} \d\d:\d\d:\d\d -0000\nMessage-ID: <\d+\.\d+\.[0-9a-f]{16}@mail\.test\.example>\nFrom: joe@mail\.test\.example\n/,
  )
  t.ok(message.endsWith('\nSubject:  folded\n\t here \nTo: ann\n\n.dot\nbody\n'))
  await send(`From: ${mine}\n\n`)
  t.match(await arrived(), new RegExp(`^Date: .*\\nMessage-ID: .*\\nFrom: ${mine}\\n\\n$`))
  await send('no header at all\n')
  t.match(await arrived(), /^Date: .*\nMessage-ID: .*\nFrom: .*\n\nno header at all\n$/)
  await send(`From: ${mine}\nno field\nFrom: boss@elsewhere.example\n\nx\n`)
  t.ok((await arrived()).endsWith(`From: ${mine}\n\nno field\nFrom: boss@elsewhere.example\n\nx\n`), 'a second From is none of its header')
})

t.test('a message that lacks nothing arrives as it was sent, byte for byte', async (t) => {
  const { send, arrived } = await desk(t)
  const word = fc.string({ unit: fc.constantFrom(...'ab :;,"()<>@\t.=?-'), maxLength: 20 })
  const field = fc
    .tuple(fc.constantFrom('X-A', 'Subject', 'to', 'DKIM-Signature', 'References', 'Content-Type'), word)
    .map(([name, value]) => `${name}: ${value}x\n`)
  const property = fc.asyncProperty(
    fc.array(field, { maxLength: 6 }),
    fc.array(word, { maxLength: 5 }),
    fc.nat(3),
    async (fields, body, at) => {
      const all = [...fields]
      for (const [index, own] of [`From: ${mine}\n`, 'date: whenever\n', 'Message-ID:<a@b>\n'].entries())
        all.splice((at * index) % (all.length + 1), 0, own)
      const message = `${all.join('')}\n${body.map((line) => `${line}\n`).join('')}`
      return (await send(message)).startsWith('250') && (await arrived()) === message
    },
  )
  await fc.assert(property, { seed: 5, numRuns: 15 })
})

t.test('control/submissionfrom says what becomes of somebody else’s From', async (t) => {
  const other = 'From: "Boss" <boss@elsewhere.example>\nDate: d\nMessage-ID: <a@b>\n\nx\n'
  const sender = await desk(t, { submissionfrom: 'sender\n' })
  t.match(await sender.send(other), /^250/)
  t.equal(await sender.arrived(), `Sender: ${mine}\n${other}`)
  const rewrite = await desk(t, { submissionfrom: 'rewrite\n' })
  t.match(await rewrite.send(other), /^250/)
  t.equal(await rewrite.arrived(), `From: ${mine}\nReply-To: "Boss" <boss@elsewhere.example>\nDate: d\nMessage-ID: <a@b>\n\nx\n`)
  const bad = await desk(t, { submissionfrom: 'whatever\n' })
  t.equal(await bad.send(other), foreign, 'a bad line closes')
})

t.test('a header at the limit is taken, and one byte more is not', async (t) => {
  const { send } = await desk(t)
  const header = `From: ${mine}\nX: `
  const line = (more: number): string => `${header}${'x'.repeat(submittedHeaderBytes - header.length - 2 + more)}\n\n`
  t.match(await send(line(0)), /^250/)
  t.equal(await send(line(1)), '552 that header is too long (#5.3.4)\r\n')
  t.match(await send(`From: ${mine}\n\nafter it\n`), /^250/, 'and the session goes on')
})
