/** A mailbox without an account of the system works at once, and is its own: added while everything runs. As root or not. */
import { chownSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBase64 } from '@yabumi/sasl'
import t from 'tap'
import { Dialogue, oneLine, sendMail, smtpReply, untilDot } from '../support/dialogue.ts'
import { amRoot, ScratchHome } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { until } from '../support/wait.ts'

const home = await ScratchHome.make(t)
const addresses = {
  smtp: [`127.0.0.1:${await freePort()}`],
  pop3: [`127.0.0.1:${await freePort()}`],
  submission: [`127.0.0.1:${await freePort()}`],
}
const running = await home.supervise(addresses)

const own = (name: string): string => join(home.directory, 'mailboxes/example.org', name)
const message = (subject: string): string => `From: x@elsewhere.example\nSubject: ${subject}\n\nbody\n`
const deliver = (to: string, subject: string) => sendMail(running.smtpPort, 'x@elsewhere.example', [to], message(subject))

function mails(name: string): string[] {
  return ['new', 'cur'].flatMap((part) => {
    const directory = join(own(name), 'Maildir', part)
    return readdirSync(directory).map((file) => readFileSync(join(directory, file), 'latin1'))
  })
}

/** A file of the mailbox's own. */
function ownFile(name: string, file: string, content: string): void {
  const path = join(own(name), file)
  writeFileSync(path, content, { mode: 0o600 })
  if (amRoot) chownSync(path, uidOf(name), uidOf(name))
}

/** What POP3 says of a mailbox. A session sees what was there a second before it began. */
async function statusOf(name: string, password: string): Promise<string> {
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  try {
    await pop.say(`USER ${name}@example.org`, oneLine)
    await pop.say(`PASS ${password}`, oneLine)
    return await pop.say('STAT', oneLine)
  } finally {
    pop.close()
  }
}

const uidOf = (name: string): number => 70_000 + ['anna', 'bob'].indexOf(name)

await home.run('mailbox', ['add', 'anna@example.org', '--domain'], { input: 'geheim\n' })
await home.run('mailbox', ['add', 'bob@example.org'], { input: 'anders\n' })

t.test('mail comes in, is fetched, and is sent', async (t) => {
  await until('mail for it is taken', async () => (await deliver('anna@example.org', 'one').catch(String)).startsWith('250 '))
  await until('it lies in the mailbox', () => mails('anna').some((mail) => mail.includes('Subject: one')))
  t.match(mails('anna')[0], /^Delivered-To: .*anna@example\.org$/m)
  await until('it can be fetched', async () => (await statusOf('anna', 'geheim')).startsWith('+OK 1 '))
  const client = await Dialogue.open(running.submissionPort, smtpReply)
  t.teardown(() => client.close())
  await client.say('EHLO client.example', smtpReply)
  t.match(await client.say(`AUTH PLAIN ${encodeBase64('\0anna@example.org\0geheim')}`, smtpReply), /^235 /)
  t.match(await client.say('MAIL FROM:<bob@example.org>', smtpReply), /^550 /, 'nobody sends as somebody else')
  t.match(await client.say('MAIL FROM:<anna@example.org>', smtpReply), /^250 /)
  t.match(await client.say('RCPT TO:<bob@example.org>', smtpReply), /^250 /)
  await client.say('DATA', smtpReply)
  t.match(await client.say('From: anna@example.org\r\nSubject: two\r\n\r\nbody\r\n.', smtpReply), /^250 /)
  await until('it comes to the other one', () => mails('bob').some((mail) => mail.includes('Subject: two')))
})

t.test('an address without a mailbox is refused, and an extension is its owner’s', async (t) => {
  t.match(await deliver('nobody@example.org', 'none').catch(String), /553|550/)
  ownFile('anna', '.qmail-list', './Maildir/\n')
  t.match(await deliver('anna-list@example.org', 'three'), /^250 /)
  await until('it comes to her', () => mails('anna').some((mail) => mail.includes('Subject: three')))
})

t.test('a program, a path and a link of one do not reach another', { skip: !amRoot && 'all are this user’s' }, async (t) => {
  const bobs = join(own('bob'), 'Maildir/new')
  const count = readdirSync(bobs).length
  symlinkSync(join(own('bob'), 'Maildir'), join(own('anna'), 'link'))
  const lines = [
    '../bob/Maildir/',
    `${own('bob')}/Maildir/`,
    './link/',
    '../bob/mbox',
    `|id -u >uid; cat >../bob/Maildir/new/x || cat ${bobs}/* >theirs`,
  ]
  for (const [index, line] of lines.entries()) {
    ownFile('anna', `.qmail-try${index}`, `${line}\n`)
    t.match(await deliver(`anna-try${index}@example.org`, `try ${index}`), /^250 /)
  }
  await running.logs(/delivery \d+: (success|deferral|failure): /, lines.length + 2)
  await until('the program has run', () => existsSync(join(own('anna'), 'uid')) && readFileSync(join(own('anna'), 'uid'), 'latin1') !== '')
  t.equal(readFileSync(join(own('anna'), 'uid'), 'latin1').trim(), String(uidOf('anna')))
  t.equal(readdirSync(bobs).length, count)
  t.notOk(existsSync(join(own('bob'), 'mbox')))
  t.notOk(existsSync(join(own('anna'), 'theirs')) && readFileSync(join(own('anna'), 'theirs'), 'latin1') !== '')
})

t.test('who is removed is logged out, and unknown from then on', async (t) => {
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  t.teardown(() => pop.close())
  await pop.say('USER bob@example.org', oneLine)
  t.match(await pop.say('PASS anders', oneLine), /^\+OK/)
  await home.run('mailbox', ['remove', 'bob@example.org'])
  t.match(await pop.say('NOOP', () => false), /^-ERR \[SYS\/TEMP\] this session ends here/)
  const again = await Dialogue.open(running.pop3Port, oneLine)
  t.teardown(() => again.close())
  await again.say('USER bob@example.org', oneLine)
  t.match(await again.say('PASS anders', untilDot), /^-ERR/)
  await until('its mail is refused', async () => /^55[03] /.test(await deliver('bob@example.org', 'four').catch(String)))
})
