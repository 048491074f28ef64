// pop3d --delivered: the mailbox that the user's mail goes to.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScratchUser } from './fixtures/pop3d.ts'

const inMailbox = 'From a Tue Jun 22 05:23:14 1999\nSubject: mbox\n\n'

/** A user who has both, each with one message. */
function userOfBoth(): ScratchUser {
  const user = new ScratchUser(t)
  user.maildir()
  user.file('Maildir/cur/1.a', 'Subject: Maildir\n')
  user.file('Mailbox', inMailbox)
  user.own(user.directory('control'))
  return user
}

async function served(user: ScratchUser, ...text: string[]): Promise<string | undefined> {
  const { stdout } = await user.run(['--delivered', ...text], 'RETR 1\r\nQUIT\r\n')
  return /^Subject: (.*)\r$/m.exec(stdout)?.[1]
}

t.test('F13: it is what the default delivery says: TEXT, control/defaultdelivery, a Maildir', async (t) => {
  const user = userOfBoth()
  t.equal(await served(user), 'Maildir')
  user.file('control/defaultdelivery', '|preline procmail\n./Mailbox\n')
  t.equal(await served(user), 'mbox')
  t.equal(await served(user, './Maildir/'), 'Maildir')
  t.equal(await served(user, '|preline procmail'), 'Maildir')
})

t.test('a .qmail or .forward that names others, and not that one, is obeyed', async (t) => {
  const user = userOfBoth()
  for (const [text, subject] of [
    ['./Mailbox\n', 'mbox'],
    ['./Mailbox\n./Maildir/\n', 'Maildir'],
    ['|preline procmail\n&joe@elsewhere.example\n', 'Maildir'],
    ['', 'Maildir'],
    ['\n./Mailbox\n', 'Maildir'], // a first line that is blank: mail waits
  ] as const) {
    user.file('.qmail', text)
    t.equal(await served(user), subject, JSON.stringify(text))
  }
  const other = userOfBoth()
  other.file('.forward', `${other.home}/Mailbox\n`)
  t.equal(await served(other), 'mbox')
})

t.test('one that is not there yet is empty, and comes with the first delivery', async (t) => {
  const user = new ScratchUser(t)
  const stat = async (text: string) => (await user.run(['--delivered', text], 'STAT\r\nUIDL\r\nRETR 1\r\nQUIT\r\n')).stdout
  const none = '+OK \r\n+OK 0 0\r\n+OK \r\n.\r\n-ERR not that many messages\r\n+OK \r\n'
  t.equal(await stat('./Maildir/'), none)
  t.equal(await stat('./Mailbox'), none)
  writeFileSync(join(user.home, 'Mailbox'), inMailbox)
  user.own(join(user.home, 'Mailbox'))
  t.match(await stat('./Mailbox'), /^\+OK \r\n\+OK 1 /)
})

t.test('there is no other option', async (t) => {
  const { status, stdout, stderr } = await new ScratchUser(t).run(['--delivery'], '')
  t.same({ status, stdout, stderr }, { status: 100, stdout: '', stderr: 'pop3d: there is no option --delivery; see pop3d --help\n' })
})
