/**
 * SMTP smuggling by BDAT: its bytes are counted, so a message may hold what ends one for the next host, which hears DATA.
 *
 * Each body goes in by BDAT, through queue and rspawn, and arrives as one message, or is refused. (RFC 3030, RFC 5321 §4.1.1.4)
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Dialogue, smtpReply } from '../support/dialogue.ts'
import { hostName, ScratchHome } from '../support/home.ts'
import { manners, startHost } from '../support/host.ts'
import { until } from '../support/wait.ts'
import { exim, nextDomain, opensmtpd, postfix, RunningMta, unavailable } from './support/mta.ts'

const end = (lineEnd: string): string => `${lineEnd}.${lineEnd}`
const hidden = (lineEnd: string): string =>
  ['', `MAIL FROM:<admin@${nextDomain}>`, `RCPT TO:<box@${nextDomain}>`, 'DATA', 'Subject: smuggled', '', 'boo', '.', 'QUIT', ''].join(
    lineEnd,
  )

/** What holds an end of data for somebody. The first is refused, the others are text. */
const bodies: Readonly<Record<string, string>> = {
  'a bare LF': `text${end('\n')}${hidden('\n')}`,
  'a bare CR': `text${end('\r')}${hidden('\r')}`,
  'CR LF . CR LF': `text${end('\r\n')}${hidden('\r\n')}`,
  'a NUL within it': `text\r\n\0.\r\n.\0\r\n${end('\r\n')}${hidden('\r\n')}`,
}

/** Hand each body over in chunks that end within its line ends. @returns what is said of each at its end */
async function sendAll(t: Test, port: number): Promise<string[]> {
  const home = await ScratchHome.make(t)
  home.control('esmtp', '1\n')
  home.control('rcpthosts', `${nextDomain}\n`)
  home.control('smtproutes', `${nextDomain}:127.0.0.1:${port}\n`)
  const running = await home.supervise()
  const said: string[] = []
  for (const [name, body] of Object.entries(bodies)) {
    const message = `From: x@far.example\r\nSubject: ${name}\r\n\r\n${body}\r\nend of it\r\n`
    const cut = message.indexOf('text') + 5
    const smtp = await Dialogue.open(running.smtpPort, smtpReply)
    const chunks = `BDAT ${cut}\r\n${message.slice(0, cut)}BDAT ${message.length - cut} LAST\r\n${message.slice(cut)}`
    await smtp.send(Buffer.from(`EHLO x\r\nMAIL FROM:<x@far.example>\r\nRCPT TO:<box@${nextDomain}>\r\n${chunks}QUIT\r\n`, 'latin1'))
    const heard = await smtp.hear((text) => /^(?:221|451) [^\n]*\r\n$/m.test(text))
    said.push(/^(?:250|451) [0-9.]+ (?:ok \d|See)/m.exec(heard)?.[0].slice(10, 12) ?? heard)
    smtp.close()
  }
  await running.emptied()
  return said
}

const verdicts = ['Se', 'ok', 'ok', 'ok']

t.test('what goes over the wire holds one end of data a message, and no line end but CR LF', async (t) => {
  const next = await startHost(manners())
  t.teardown(() => next.close())
  t.same(await sendAll(t, next.port), verdicts)
  const sent = next.connections.map(({ wire }) => wire).join('')
  t.notMatch(sent, /[^\r]\n|\r[^\r\n]|\r\r[^\n]/, 'every LF has its CR, and every CR its LF')
  t.equal(sent.split('\r\n.\r\n').length - 1, 3)
  t.equal(sent.split('\r\nend of it\r\n').length - 1, 3, 'each is whole')
})

t.test('a second yabumi gets three messages', async (t) => {
  const next = await ScratchHome.make(t, 'box')
  next.control('rcpthosts', `${nextDomain}\n${hostName}\n`)
  next.control('locals', `${nextDomain}\n`)
  const running = await next.supervise()
  await sendAll(t, running.smtpPort)
  const folder = join(next.userHome('box'), 'Maildir/new')
  await until('they are delivered', () => readdirSync(folder).length >= 3)
  await running.emptied()
  t.equal(readdirSync(folder).length, 3)
})

for (const system of [postfix, exim, opensmtpd]) {
  const reason = await unavailable(system)
  t.test(`Debian's ${system.name} gets three messages, each with its last line`, { skip: reason ?? false }, async (t) => {
    const mta = await RunningMta.start(t, system)
    t.same(await sendAll(t, mta.port), verdicts)
    await until(
      () => `three messages in the mailbox, there are ${mta.mailbox().length}; ${system.name} said:\n${mta.log.slice(-1000)}`,
      () => mta.mailbox().length >= 3,
    )
    const arrived = mta.mailbox()
    t.equal(arrived.length, 3)
    for (const name of Object.keys(bodies).slice(1)) {
      const own = arrived.filter((text) => text.includes(`\nSubject: ${name}\n`))
      t.equal(own.length, 1, name)
      t.ok(own[0]?.includes('\nend of it'), `${name}: whole`)
    }
    t.notOk(
      arrived.some((text) => /^Return-Path: <admin@/im.test(text)),
      'none has the smuggled sender',
    )
  })
}
