/** Mail filters behind `|preline` in .qmail: where they put a message, and what becomes of one that they do not want. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { arrived, deliveryFields, untilRetried } from './support/peer.ts'

/**
 * The rules of each filter: by Subject into the Maildir, refused, put off while `ready` does not exist; else into an mbox, where `quoted`
 * lines get a `>`.
 */
const filters = [
  {
    program: 'procmail',
    line: '|preline procmail -m ./rules',
    quoted: /^From /gm,
    rules: `SHELL=/bin/sh
MAILDIR=.
:0
* ^Subject: to the Maildir
Maildir/
:0
* ^Subject: refused
{
  EXITCODE=100
  :0
  /dev/null
}
:0
* ^Subject: put off
* ! ? test -e ready
{
  EXITCODE=75
  :0
  /dev/null
}
:0
mbox
`,
  },
  {
    program: 'maildrop',
    line: '|preline maildrop ./rules',
    quoted: /^>*From /gm,
    rules: `SHELL="/bin/sh"
if (/^Subject: to the Maildir/)
{
  to "./Maildir"
}
if (/^Subject: refused/)
{
  EXITCODE=100
  exit
}
if (/^Subject: put off/)
{
  READY=\`test -e ready && echo yes\`
  if ($READY ne "yes")
  {
    EXITCODE=75
    exit
  }
}
to "./mbox"
`,
  },
]

const home = await ScratchHome.make(t, 'procmail', 'maildrop')
home.control('bounceformat', undefined) // as qmail writes them
const running = await home.supervise()
/** With every field that inject would add. */
function message(subject: string): string {
  const head = `Date: 23 Jun 1999 03:02:24 -0000\nMessage-ID: <1@b.example>\nFrom: a@b.example\nTo: b@b.example\nSubject: ${subject}\n`
  return `${head}\n.\nFrom here\n>From there\n\ncaf\xe9\n`
}

for (const { program: user, line, rules, quoted } of filters) {
  t.test(`${user} behind preline`, { skip: missing(user) }, async (t) => {
    home.userFile(user, 'rules', rules)
    home.userFile(user, '.qmail-filter', `${line}\n`)
    const sender = `${user}@${hostName}`
    const recipient = `${user}-filter@${hostName}`
    const send = (subject: string) => home.run('inject', [`-f${sender}`, recipient], { input: Buffer.from(message(subject), 'latin1') })
    /** The messages in the mbox that have this subject. */
    const inMbox = (subject: string): string[] => {
      const text = readFileSync(join(home.userHome(user), 'mbox'), 'latin1')
      return text.split(/(?<=\n)\n(?=From )/).filter((one) => one.includes(`\nSubject: ${subject}\n`))
    }
    /** What stands in it for a message. */
    const expected = (subject: string): string => `${message(subject).replace(quoted, '>$&')}\n`
    const received = 'Received: \\(qmail \\d+ invoked by uid \\d+\\); [^\\n]+\\n'
    const fields = new RegExp(`^(?:>?From ${sender} [^\\n]+\\n)*${deliveryFields(sender, recipient).slice(1)}${received}`)

    await t.test('puts a message into a Maildir', async (t) => {
      await send('to the Maildir')
      const text = await arrived(home, user, 'Subject: to the Maildir\n')
      t.match(text, fields)
      t.equal(text.replace(fields, ''), message('to the Maildir'))
    })

    await t.test('puts a message into an mbox, below the From line of preline', async (t) => {
      await send('to the mbox')
      await running.emptied()
      const [text = '', ...others] = inMbox('to the mbox')
      t.same(others, [])
      t.match(text, fields)
      t.ok(text.startsWith(`From ${sender} `))
      t.equal(text.replace(fields, ''), expected('to the mbox'))
    })

    await t.test('refuses a message, which bounces', async (t) => {
      await send('refused')
      const bounce = await arrived(home, user, 'Subject: failure notice\n')
      t.match(bounce, `\n<${recipient}>:\n`)
      t.ok(bounce.endsWith(`\n${message('refused')}`))
    })

    await t.test('puts a message off, and takes it when it is offered again', async (t) => {
      await send('put off')
      await running.logs(new RegExp(`starting delivery (\\d+): msg \\d+ to local ${recipient}\\n(?:.*\\n)*?.*delivery \\1: deferral: `))
      t.same(inMbox('put off'), [])
      home.userFile(user, 'ready', '')
      await untilRetried(running, 'it is delivered', () => home.queued().length === 0)
      const [text = '', ...others] = inMbox('put off')
      t.same(others, [])
      t.equal(text.replace(fields, '').trimEnd(), expected('put off').trimEnd(), 'once and whole')
    })
  })
}
