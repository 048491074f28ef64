/** Mail programs that send through sendmail, found by a link as in /usr/sbin: mutt and s-nail themselves; cron, PHP and git by their options. */
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { arrived, deliveryFields, runPeer, workplace } from './support/peer.ts'

const home = await ScratchHome.make(t, 'joe', 'ann', 'me')
await home.supervise()
const place = workplace(home, 'place')
const sendmail = join(place, 'sendmail')
symlinkSync(join(home.directory, 'bin/sendmail'), sendmail)
const me = `me@${hostName}`
const env = { USER: 'me', LOGNAME: 'me' }

/** What a delivery and inject put above a message that was submitted here. */
function submitted(sender: string, recipient: string): RegExp {
  return new RegExp(`${deliveryFields(sender, recipient)}Received: \\(qmail \\d+ invoked by uid ${process.getuid?.()}\\); [^\n]+\n`)
}

/** A message's header fields and body. */
function parts(text: string): { fields: string[]; body: string } {
  const end = text.indexOf('\n\n')
  return { fields: text.slice(0, end).split(/\n(?![ \t])/), body: text.slice(end + 2) }
}

const mutt = [
  `set sendmail="${sendmail} -oem -oi"`,
  `set from="${me}"`,
  'set realname="M. Mutt"',
  'set use_envelope_from=yes',
  'set copy=no',
  'set allow_8bit=yes',
  'set charset="iso-8859-1"',
  'set send_charset="us-ascii:iso-8859-1"',
]

t.test('mutt sends to To, Cc and Bcc, and its Bcc stays unseen', { skip: missing('mutt') }, async (t) => {
  writeFileSync(join(place, 'muttrc'), `${mutt.join('\n')}\n`)
  const body = '.\nFrom here\n\n.dot\ncafe\n'
  const options = ['-F', 'muttrc', '-s', 'by mutt', '-c', `ann@${hostName}`, '-b', me, '--', `joe@${hostName}`]
  await runPeer(place, 'mutt', options, { input: body, env })
  for (const user of ['joe', 'ann', 'me']) {
    const text = await arrived(home, user, 'Subject: by mutt\n')
    t.match(text, submitted(me, `${user}@${hostName}`))
    const { fields, body: got } = parts(text)
    t.equal(got, body)
    t.ok(fields.includes(`From: "M. Mutt" <${me}>`))
    t.ok(fields.includes(`To: joe@${hostName}`))
    t.ok(fields.includes(`Cc: ann@${hostName}`))
    t.equal(fields.filter((field) => /^bcc:/i.test(field)).length, 0)
    for (const name of ['Date', 'Message-ID']) t.equal(fields.filter((field) => field.startsWith(`${name}:`)).length, 1, `one ${name}`)
  }
})

t.test('mutt asks for 8BITMIME and delivery status, and its attachment comes through', { skip: missing('mutt') }, async (t) => {
  const more = ['set use_8bitmime=yes', 'set dsn_notify="failure,delay"', 'set dsn_return=hdrs', 'set wait_key=no']
  writeFileSync(join(place, 'muttrc'), `${[...mutt, ...more].join('\n')}\n`)
  const attachment = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7) % 256))
  writeFileSync(join(place, 'attached.bin'), attachment)
  const options = ['-F', 'muttrc', '-s', 'with a file', '-a', 'attached.bin', '--', `joe@${hostName}`]
  await runPeer(place, 'mutt', options, { input: 'caf\xe9\n', env })
  const { body } = parts(await arrived(home, 'joe', 'Subject: with a file\n'))
  t.match(body, /\n\ncaf\xe9\n\n--/)
  const encoded = /\nContent-Transfer-Encoding: base64\n\n([A-Za-z0-9+/=\n]+)\n--/.exec(body)?.[1] ?? ''
  t.equal(Buffer.from(encoded, 'base64').toString('hex'), attachment.toString('hex'))
})

t.test('s-nail sends, with a sender of its own', { skip: missing('s-nail') }, async (t) => {
  const body = '.dot\n\nlast\n' // it writes a lone dot and a `From ` line in quoted-printable
  const settings = ['mta', 'sendwait', 'v15-compat', 'noheader'].map((name) => (name === 'mta' ? `mta=${sendmail}` : name))
  const options = [...settings.flatMap((setting) => ['-S', setting]), '-r', me, '-s', 'by s-nail', '-c', `ann@${hostName}`, '-b', me]
  await runPeer(place, 's-nail', ['-:/', ...options, `joe@${hostName}`], { input: body, env })
  for (const user of ['joe', 'ann', 'me']) {
    const text = await arrived(home, user, 'Subject: by s-nail\n')
    t.match(text, submitted(me, `${user}@${hostName}`))
    const { fields, body: got } = parts(text)
    t.equal(got, body)
    t.ok(fields.includes(`From: ${me}`))
    t.equal(fields.filter((field) => /^bcc:/i.test(field)).length, 0)
  }
})

const date = 'Date: Wed, 23 Jun 1999 12:02:24 +0900\n'
const head = `${date}Message-ID: <1@client.example>\n`

/** What inject makes of `sendmail [options]` with a message: the fields it may add stand below those of the message. */
for (const { who, args, input, sender, recipients, expected } of [
  {
    who: "Debian's cron",
    args: ['-i', '-FCronDaemon', '-B8BITMIME', '-oem', 'joe'],
    input: `From: root (Cron Daemon)\nTo: joe\nSubject: Cron <joe@blue> date\n${head}\n.\noutput\n`,
    sender: me,
    recipients: ['joe'],
    expected: `From: root@${hostName} (Cron Daemon)\nTo: joe@${hostName}\nSubject: Cron <joe@blue> date\n${head}\n.\noutput\n`,
  },
  {
    who: 'cronie and other crons',
    args: ['-FCronDaemon', '-i', '-odi', '-oem', '-oi', '-t', '-f', 'root'],
    input: `From: "(Cron Daemon)" <root>\nTo: joe\nSubject: Cron <joe> ls\n${head}\nx\n`,
    sender: `root@${hostName}`,
    recipients: ['joe'],
    // parentheses in a quoted string get backslashes from inject, as from C's
    expected: `From: "\\(Cron Daemon\\)" <root@${hostName}>\nTo: joe@${hostName}\nSubject: Cron <joe> ls\n${head}\nx\n`,
  },
  {
    who: "PHP's mail()",
    args: ['-t', '-i', '-fweb@client.example'],
    input: `To: joe@${hostName}\nSubject: by PHP\nX-PHP-Originating-Script: 0:form.php\nFrom: web@client.example\nBcc: ann\n${head}\nbody\n.\nmore\n`,
    sender: 'web@client.example',
    recipients: ['joe', 'ann'],
    expected: `To: joe@${hostName}\nSubject: by PHP\nX-PHP-Originating-Script: 0:form.php\nFrom: web@client.example\n${head}\nbody\n.\nmore\n`,
  },
  {
    who: 'git send-email',
    args: ['-i', '-f', 'dev@client.example', `joe@${hostName}`, `ann@${hostName}`],
    input: `From: Dev <dev@client.example>\nTo: joe@${hostName}\nCc: ann@${hostName}\nSubject: [PATCH] by git\n${head}X-Mailer: git-send-email 2.39.5\n\n---\n a | 1 +\n\n-- \n2.39.5\n`,
    sender: 'dev@client.example',
    recipients: ['joe', 'ann'],
    expected: `From: Dev <dev@client.example>\nTo: joe@${hostName}\nCc: ann@${hostName}\nSubject: [PATCH] by git\n${head}X-Mailer: git-send-email 2.39.5\n\n---\n a | 1 +\n\n-- \n2.39.5\n`,
  },
]) {
  t.test(`the options of ${who}`, async (t) => {
    await runPeer(place, sendmail, args, { input, env })
    const subject = /^Subject: .*\n/m.exec(input)?.[0] ?? ''
    for (const user of recipients) {
      const text = await arrived(home, user, subject)
      const top = submitted(sender, `${user}@${hostName}`)
      t.match(text, top)
      t.equal(text.replace(top, ''), expected)
    }
  })
}

t.test('swaks talks SMTP with sendmail -bs', { skip: missing('swaks') }, async (t) => {
  const letter = `To: ann@${hostName}\nSubject: by -bs\n${head}\nx`
  const addresses = ['--from', me, '--to', `ann@${hostName}`]
  await runPeer(place, 'swaks', ['--pipe', `${sendmail} -bs`, '--silent', '--helo', 'localhost', ...addresses, '--data', letter], { env })
  const text = await arrived(home, 'ann', 'Subject: by -bs\n')
  t.match(text, /\nReceived: from localhost \(sendmail-bs@127\.0\.0\.1\)\n {2}by localhost with SMTP; /)
  t.ok(text.endsWith(`\n${letter}\n`))
})
