/**
 * SMTP smuggling, both ways: nothing but CR LF . CR LF ends a message that we take, and nothing that we send ends one for the next
 * host, however that host reads line ends. (https://sec-consult.com, December 2023; CVE-2023-51764, -51765, -51766.)
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataEncoder } from '@yabumi/smtp'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { Dialogue, smtpReply } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { manners, startHost } from '../support/host.ts'
import { until } from '../support/wait.ts'
import { exim, nextDomain, opensmtpd, postfix, RunningMta, unavailable } from './support/mta.ts'

/** Ends of data that some host has taken for one, or might. */
const ends: string[] = []
for (const before of ['\n', '\r', '\r\n', '\r\r\n', '\n\r', '\r\n\0', '\0\r\n', '\r\n\r', '\x85', '\r\n \b']) {
  for (const dot of ['.', '..', '.\0', '\0.', ' .', '. ']) {
    for (const after of ['\n', '\r', '\r\n', '\r\r\n', '\n\r', '\0\r\n', '\r\0\n', '\x85']) ends.push(before + dot + after)
  }
}
const realEnd = '\r\n.\r\n'
const variants = ends.filter((end) => !end.includes(realEnd))
const smuggled = `MAIL FROM:<admin@${hostName}>\r\nRCPT TO:<joe@${hostName}>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo\r\n.\r\n`

/** A name for a variant in which its bytes can be seen. */
const shown = (end: string): string => JSON.stringify(end)

t.test('as a server', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const running = await home.supervise()
  const mail = (): number => readdirSync(join(home.userHome('joe'), 'Maildir/new')).length

  /** Send a message with the variant in it, and the smuggled one behind it. @returns all that the server says */
  async function attack(end: string): Promise<string> {
    const cut = 'Subject: outer\r\n\r\ntext'.length + 2
    const smtp = await Dialogue.open(running.smtpPort, smtpReply)
    await smtp.say(`MAIL FROM:<x@far.example>\r\nRCPT TO:<joe@${hostName}>\r\nDATA`, (heard) => heard.includes('354 '))
    const bytes = Buffer.from(`Subject: outer\r\n\r\ntext${end}${smuggled}QUIT\r\n`, 'latin1')
    await smtp.send(bytes.subarray(0, cut))
    await smtp.send(bytes.subarray(cut))
    const heard = await smtp.hear((text) => /^(221|451) [^\n]*\r\n$/m.test(text))
    smtp.close()
    return heard
  }

  let taken = 0
  const waiting = [...variants]
  const worker = async (): Promise<void> => {
    for (let end = waiting.shift(); end !== undefined; end = waiting.shift()) judge(end, await attack(end))
  }
  const judge = (end: string, heard: string): void => {
    // an LF that is no line end ends the session; everything else is text of the one message, whose end is the smuggled one's
    const bare = /(?:^|[^\r])\n/.test(end)
    t.match(heard, bare ? /^451 See https:[^\n]*\r\n$/ : /^250 ok [^\n]*\r\n221 [^\n]*\r\n$/, shown(end))
    if (!bare) taken += 1
  }
  await Promise.all(Array.from({ length: 10 }, worker))
  await until('they are delivered', () => mail() === taken)
  const stored = home.maildir('joe')
  t.equal(stored.length, taken, 'one message for each that was taken')
  t.ok(stored.every((text) => /\nSubject: outer\n/.test(text) && text.includes(`MAIL FROM:<admin@${hostName}>\n`)))
  t.equal(variants.length > 400, true, `${variants.length} variants`)
  t.comment(`${variants.length} variants: ${variants.length - taken} refused, ${taken} taken as text`)
})

/** Of the variants that become the same on the wire, one. */
const differing = [
  ...new Map(variants.map((end) => [new DataEncoder().encode(Buffer.from(`x${end}x`, 'latin1')).toString('latin1'), end])).values(),
]

/** Messages that hold an end of data for somebody, as a person's program or another host may hand them over. */
function messages(which: readonly string[] = differing): { subject: string; text: string }[] {
  return which.map((end, n) => {
    const commands = `MAIL FROM:<admin@${nextDomain}>\r\nRCPT TO:<box@${nextDomain}>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo`
    return { subject: `outer ${n}`, text: `From: x@far.example\nSubject: outer ${n}\n\ntext${end}${commands}${end}end of ${n}\n` }
  })
}

/** What the text says, whatever its line ends are: hosts may read a lone CR, or CR CR LF, in one way or the other. */
const words = (text: string): string => text.replace(/[\r\n]+/g, '\n')

/** Whether each line of the text is there, in order. What follows a NUL in a line is C programs' own business. */
function sameText(stored: string, text: string): boolean {
  let at = 0
  for (const line of words(text)
    .slice(words(text).indexOf('\ntext') + 1)
    .split('\n')) {
    at = stored.indexOf(line.split('\0', 1)[0] as string, at)
    if (at < 0) return false
  }
  return true
}

/** Send all of them to the next host. */
async function sendAll(t: Test, port: number, which?: readonly string[]): Promise<void> {
  const home = await ScratchHome.make(t)
  home.control('smtproutes', `${nextDomain}:127.0.0.1:${port}\n`)
  home.control('concurrencyremote', '10\n')
  const running = await home.supervise()
  const letters = messages(which).map(({ text }) => ({ sender: 'x@far.example', recipients: [`box@${nextDomain}`], text }))
  const submit = join(import.meta.dirname, 'support/submit.ts')
  await execa(process.execPath, [submit], { input: JSON.stringify(letters), env: home.environment, extendEnv: false })
  await running.emptied()
}

t.test('as a client, what goes over the wire holds one end of data and no line end but CR LF', async (t) => {
  const next = await startHost(manners())
  t.teardown(() => next.close())
  await sendAll(t, next.port, variants)
  const sent = next.connections.map(({ wire }) => wire).join('')
  t.notMatch(sent, /[^\r]\n|\r[^\r\n]|\r\r[^\n]/, 'every LF has its CR, and every CR its LF')
  t.equal(sent.split(realEnd).length - 1, variants.length)
  t.equal(sent.split(/\r\n\.(?:\r|\n|\0)/).length - 1, variants.length, 'no other line begins with one dot and nothing')
})

for (const system of [postfix, exim, opensmtpd]) {
  const reason = await unavailable(system)
  t.test(`as a client of Debian's ${system.name}: each message arrives as one, with its text`, { skip: reason ?? false }, async (t) => {
    const mta = await RunningMta.start(t, system)
    await sendAll(t, mta.port)
    await until(
      () => `${differing.length} messages in the mailbox, there are ${mta.mailbox().length}; ${system.name} said:\n${mta.log.slice(-1000)}`,
      () => mta.mailbox().length >= differing.length,
    )
    const arrived = mta.mailbox()
    t.equal(arrived.length, differing.length)
    for (const { subject, text } of messages()) {
      const own = arrived.filter((one) => one.includes(`\nSubject: ${subject}\n`))
      t.equal(own.length, 1, subject)
      if (!sameText(own[0] ?? '', text)) t.fail(`${system.name} changed the text`, { own: own[0], text })
    }
    t.notOk(
      arrived.some((one) => /^Return-Path: <admin@/im.test(one)),
      'none has the smuggled sender',
    )
  })
}
