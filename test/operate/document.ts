/** What the document this system was built from describes, item by item, on the whole running system. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Dialogue, oneLine, smtpReply, untilDot } from '../support/dialogue.ts'
import { startDnsServer } from '../support/dns-server.ts'
import { ScratchHome } from '../support/home.ts'
import { manners, startHost } from '../support/host.ts'
import { until } from '../support/wait.ts'

const host = 'blue.sci.hokudai.ac.jp'
const home = await ScratchHome.make(t, 'kyoma', 'god', 'djb')
const dns = await startDnsServer({
  'brl.mil': {
    MX: [
      [20, 'silent.brl.mil'],
      [10, 'mail.brl.mil'],
    ],
  },
  'silent.brl.mil': { A: ['127.0.0.4'] },
  'mail.brl.mil': { A: ['127.0.0.3'] },
  '1.0.0.127.in-addr.arpa': { PTR: ['skyblue.sci.hokudai.ac.jp'] },
})
t.teardown(() => dns.close())
const next = await startHost(manners(), '127.0.0.3')
t.teardown(() => next.close())
home.control('enhancedstatus', undefined) // replies are qmail's
home.control('me', `${host}\n`)
home.control('locals', `${host}\nheaven.af.mil\n`)
home.control('rcpthosts', `${host}\nheaven.af.mil\nyabumi.com\n`)
home.control('virtualdomains', 'heaven.af.mil:god\n')
home.control('locals', `${host}\n`)
home.control('resolvers', `${dns.address}\n`)
home.control('smtproutes', `::${next.port}\n`)
const running = await home.supervise()

/** The one message in a user's Maildir with this Subject. */
function arrived(user: string, subject: string): Promise<string> {
  return until(
    () => `"${subject}" for ${user}; the log so far:\n${running.log}`,
    () => home.maildir(user).find((text) => text.includes(`Subject: ${subject}\n`)),
  )
}

/** What the next host was sent in the transaction that holds this text. */
function sent(text: string): Promise<string> {
  return until(
    () => `"${text}" at the next host; the log so far:\n${running.log}`,
    () => next.connections.map(({ wire }) => wire).find((wire) => wire.includes(text) && wire.includes('\r\n.\r\n')),
  )
}

t.test('seed 1: the domain is what follows the last @, in any case', async (t) => {
  home.userFile('god', '.qmail-god', './Maildir/\n')
  home.userFile('god', '.qmail-@at@', './Maildir/\n')
  for (const address of ['God@heaven.af.mil', 'God@HEAVEN.AF.MIL', 'God@Heaven.AF.Mil', '@at@@heaven.af.mil']) {
    await home.inject(['-fdjb', '--', address], `Subject: to ${address}\n\nx\n`)
    const text = await arrived('god', `to ${address}`)
    t.match(text, `\nDelivered-To: god-${address}\n`)
  }
  await home.inject(['-fdjb', '--', '@heaven.af.mil'], 'Subject: empty local part\n\nx\n')
  await running.logs(/to local god-@heaven\.af\.mil$/m)
})

t.test('seed 2: CRLF on the wire, LF on disk; folding; a message without a body, or without a header', async (t) => {
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  for (const command of ['HELO client', 'MAIL FROM:<>', `RCPT TO:<kyoma@${host}>`, 'DATA']) await smtp.say(command, smtpReply)
  t.match(await smtp.say('Subject: folded\r\nX-Long: one\r\n two\r\n\tthree\r\n\r\nbody\r\n.', smtpReply), /^250 /)
  await smtp.say('QUIT', smtpReply)
  smtp.close()
  t.match(await arrived('kyoma', 'folded'), /\nSubject: folded\nX-Long: one\n two\n\tthree\n\nbody\n$/)

  await home.inject(['-fdjb', '--', `kyoma@${host}`], 'Subject: no body\n')
  t.match(await arrived('kyoma', 'no body'), /Subject: no body\n$/)

  await home.inject(['-fdjb', '--', `kyoma@${host}`], 'no header here\nSubject: in the body\n')
  t.match(await arrived('kyoma', 'in the body'), /\n\nno header here\nSubject: in the body\n$/)

  await home.inject(['-fdjb', '--', 'angel@brl.mil'], 'Subject: to the wire\n\n.dot\nlast\n')
  t.match(await sent('to the wire'), /Subject: to the wire\r\n(?:[^\r\n]+\r\n)*\r\n\.\.dot\r\nlast\r\n\.\r\n/)
})

t.test('seed 3: sender and recipients from the header; Bcc and Resent-Bcc never leave', async (t) => {
  const user = `kyoma@${host}`
  await home.inject(
    ['-h'],
    `Return-Path: <sender@far.example>\nFrom: other@far.example\nTo: ${user}\nBcc: god@${host}\nSubject: from fields\n\nx\n`,
  )
  for (const name of ['kyoma', 'god']) {
    const text = await arrived(name, 'from fields')
    t.match(text, /^Return-Path: <sender@far\.example>\n/)
    t.notMatch(text, /^Bcc:/im)
  }
  await home.inject(['-h'], `To: god@${host}\nResent-To: ${user}\nResent-Bcc: djb@${host}\nSubject: sent on\n\nx\n`)
  for (const name of ['kyoma', 'djb']) t.notMatch(await arrived(name, 'sent on'), /^Resent-Bcc:/im)
  t.notOk(
    home.maildir('god').some((text) => text.includes('Subject: sent on\n')),
    'Resent-To takes the place of To',
  )
})

t.test('seed 4: two recipients at brl.mil and root are one queue entry, one SMTP transaction and one local copy', async (t) => {
  writeFileSync(join(home.directory, 'alias/.qmail-root'), `&djb@${host}\n`)
  await home.inject(['-fdjb', '-H'], 'From: djb\nTo: god@brl.mil, angel@brl.mil, root\nSubject: three of them\n\nx\n')
  const wire = await sent('three of them')
  t.same(wire.match(/^RCPT TO:<.*>/gm)?.sort(), ['RCPT TO:<angel@brl.mil>', 'RCPT TO:<god@brl.mil>'])
  t.equal(wire.match(/^MAIL /gm)?.length, 1)
  const text = await arrived('djb', 'three of them')
  t.match(text, `\nDelivered-To: root@${host}\n`)
  const [root] = await running.logs(new RegExp(`msg (\\d+) to local root@${host}`))
  await running.logs(new RegExp(`msg ${root?.[1]} to remote (?:god|angel)@brl\\.mil$`, 'm'), 2)
})

t.test('seed 5: Return-Path, Delivered-To, loops, and Received lines with the PTR name and a clean HELO', async (t) => {
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  await smtp.say('HELO (133.50.133.146)', smtpReply)
  for (const command of [`MAIL FROM:<kyoma@${host}>`, `RCPT TO:<kyoma@${host}>`, 'DATA']) await smtp.say(command, smtpReply)
  await smtp.say('Subject: traced\r\n\r\nx\r\n.', smtpReply)
  smtp.close()
  const lines = (await arrived('kyoma', 'traced')).split('\n')
  t.equal(lines[0], `Return-Path: <kyoma@${host}>`)
  t.equal(lines[1], `Delivered-To: kyoma@${host}`)
  t.match(lines[2], /^Received: \(qmail \d+ invoked from network\); \d+ \w{3} \d{4} \d\d:\d\d:\d\d -0000$/)
  t.equal(lines[3], 'Received: from skyblue.sci.hokudai.ac.jp (HELO ?133.50.133.146?) (127.0.0.1)')
  t.match(lines[4], new RegExp(`^ {2}by ${host} with SMTP; \\d+ \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d -0000$`))

  await home.inject(['-fdjb', '--', `kyoma@${host}`], `Delivered-To: kyoma@${host}\nSubject: again\n\nx\n`)
  const bounce = await until('the bounce', () => home.maildir('djb').find((one) => one.includes('already has my Delivered-To line')))
  t.match(bounce, new RegExp(`<kyoma@${host}>:\nThis message is looping: it already has my Delivered-To line\\. \\(#5\\.4\\.6\\)\n`))
})

t.test('seed 6: the SMTP dialogue with MX look-up, both sides', async (t) => {
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  t.match(smtp.transcript, `220 ${host} ESMTP\n`)
  const extensions = await smtp.say('EHLO there', smtpReply)
  t.ok(extensions.startsWith(`250-${host}\r\n250-PIPELINING\r\n250-8BITMIME\r\n`), 'and what a home of today has beside them')
  t.equal(await smtp.say('RSET', smtpReply), '250 flushed\r\n')
  t.equal(await smtp.say('MAIL FROM:<a@b.example>', smtpReply), '250 ok\r\n')
  t.equal(await smtp.say('RCPT TO:<kyoma@yabumi.com>', smtpReply), '250 ok\r\n')
  t.equal(await smtp.say('QUIT', smtpReply), `221 ${host}\r\n`)
  smtp.close()

  await home.inject([`-fkyoma@${host}`, 'angel@brl.mil'], 'Subject: by MX\n\nx\n')
  const wire = await sent('by MX')
  t.match(wire, new RegExp(`^EHLO ${host}\r\nMAIL FROM:<kyoma@${host}>\r\nRCPT TO:<angel@brl\\.mil>\r\nDATA\r\nReceived: `))
  t.ok(dns.queries.includes('udp MX brl.mil'))
  t.ok(dns.queries.includes('udp A mail.brl.mil'))
})

t.test('seed 7: the submission dialogue', async (t) => {
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  t.equal(await smtp.say('HELO [133.50.133.146]', smtpReply), `250 ${host}\r\n`)
  t.equal(await smtp.say('RSET', smtpReply), '250 flushed\r\n')
  t.equal(await smtp.say(`MAIL FROM:<kyoma@${host}>`, smtpReply), '250 ok\r\n')
  t.equal(await smtp.say(`RCPT TO:<kyoma@${host}>`, smtpReply), '250 ok\r\n')
  t.equal(await smtp.say('DATA', smtpReply), '354 go ahead\r\n')
  const text = `Date: Wed, 23 Jun 1999 12:02:24 +0900\r\nTo: kyoma@yabumi.com\r\nFrom: kyoma@${host}\r\nSubject: submitted\r\n\r\ntest.\r\n`
  t.match(await smtp.say(`${text}\r\n.`, smtpReply), /^250 ok \d+ qp \d+\r\n$/)
  t.equal(await smtp.say('QUIT', smtpReply), `221 ${host}\r\n`)
  smtp.close()
  t.ok((await arrived('kyoma', 'submitted')).endsWith(`${text.replaceAll('\r\n', '\n')}\n`))
})

t.test("seed 8: .qmail, and sendmail's .forward where there is no .qmail", async (t) => {
  home.userFile('djb', 'list', `god@${host}\n`, 0o600)
  home.userFile('djb', '.forward', `"|cat > ${home.userHome('djb')}/program", ./Mbox, \\djb,\n:include:${home.userHome('djb')}/list\n`)
  await home.inject(['-fkyoma', '--', `djb@${host}`], 'Subject: by .forward\n\nx\n')
  await arrived('god', 'by .forward')
  t.match(readFileSync(join(home.userHome('djb'), 'program'), 'latin1'), /Subject: by \.forward\n/)
  t.ok(await arrived('djb', 'by .forward'), '\\djb is the own mailbox')
  home.userFile('djb', '.qmail', './Mbox\n')
  await home.inject(['-fkyoma', '--', `djb@${host}`], 'Subject: by .qmail\n\nx\n')
  await until(
    'the mbox',
    () =>
      existsSync(join(home.userHome('djb'), 'Mbox')) &&
      readFileSync(join(home.userHome('djb'), 'Mbox'), 'latin1').includes('Subject: by .qmail\n'),
  )
  t.notOk(
    home.maildir('djb').some((one) => one.includes('Subject: by .qmail\n')),
    '.qmail wins',
  )
})

t.test('seed 9: forward --resent adds the Resent fields on top and leaves everything else alone', async (t) => {
  home.userFile('kyoma', '.qmail-on', `|forward --resent god@${host}\n`)
  const original = 'Date: Wed, 23 Jun 1999 12:02:24 +0900\nSubject: passed on\nX-Odd  : kept\n\n.body\n'
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  for (const command of ['HELO client', 'MAIL FROM:<a@b.example>', `RCPT TO:<kyoma-on@${host}>`, 'DATA']) await smtp.say(command, smtpReply)
  await smtp.say(`${original.replaceAll('\n', '\r\n').replace('\r\n.body', '\r\n..body')}.`, smtpReply)
  smtp.close()
  const text = await arrived('god', 'passed on')
  t.match(text, new RegExp(`\nResent-From: [^\n]*kyoma-on@${host}`))
  t.match(text, new RegExp(`\nResent-To: [^\n]*god@${host}`))
  t.match(text, /\nResent-Date: \d+ \w{3} \d{4} /)
  t.match(text, /\nResent-Message-ID: <[^\n]+>\n/i)
  t.ok(text.endsWith(original), 'the message is as it was')
})

t.test("seed 10: APOP with the document's dialogue; USER and PASS; a wrong password", async (t) => {
  await home.run('setpassword', ['--apop', 'kyoma'], { input: 'secret\n' })
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  const challenge = /<[\d.]+@[^>]+>/.exec(pop.transcript)?.[0] ?? ''
  t.match(pop.transcript, `@${host}>\n`)
  const digest = createHash('md5').update(`${challenge}secret`).digest('hex')
  t.equal(await pop.say(`APOP kyoma ${digest}`, oneLine), '+OK \r\n')
  const count = Number(/^\+OK (\d+) \d+\r\n$/.exec(await pop.say('STAT', oneLine))?.[1])
  const stored = home.maildir('kyoma').length
  t.ok(count > 0 && count <= stored, 'a message of this very second is not listed yet')
  t.match(await pop.say('LIST 1', oneLine), /^\+OK 1 \d+\r\n$/)
  t.match(await pop.say('RETR 1', untilDot), /^\+OK \r\nReturn-Path: [\s\S]*\r\n\.\r\n$/)
  t.equal(await pop.say('DELE 1', oneLine), '+OK \r\n')
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  pop.close()
  await until('the message is gone', () => home.maildir('kyoma').length === stored - 1)

  const plain = await Dialogue.open(running.pop3Port, oneLine)
  await plain.say('USER kyoma', oneLine)
  t.equal(await plain.say('PASS secret', oneLine), '+OK \r\n')
  plain.close()
  const wrong = await Dialogue.open(running.pop3Port, oneLine)
  await wrong.say('USER kyoma', oneLine)
  t.equal(await wrong.say('PASS guess', oneLine), '-ERR [AUTH] authorization failed\r\n')
  wrong.close()
})
