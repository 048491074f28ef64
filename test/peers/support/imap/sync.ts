/** Clients that keep two copies of an account alike: mbsync, OfflineIMAP, InterIMAP. */
import { deepEqual } from 'node:assert/strict'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing } from '../../../support/programs.ts'
import { runPeer } from '../peer.ts'
import { type ImapReader, maildirFile, maildirHeld, type Visit } from './client.ts'
import { type Account, atFirst, type Held, letter } from './host.ts'

/** What happens between two runs: on the server, and in the Maildir of the client. */
async function changeOnServer({ host, user }: Visit): Promise<void> {
  const session = await host.session(user)
  await session.must('SELECT INBOX')
  const [one] = await session.search('HEADER Message-ID one@letters.example')
  await session.must(`UID STORE ${one} +FLAGS (\\Flagged)`)
  const [three] = await session.search('HEADER Message-ID three@letters.example')
  await session.must(`UID STORE ${three} +FLAGS (\\Deleted)`)
  await session.must(`UID EXPUNGE ${three}`)
  session.close()
  await host.add(user, 'Work', 'later', '\\Seen')
}

function changeHere(inbox: string, work: string): void {
  const two = maildirFile(inbox, 'two')
  rmSync(two)
  const plan = maildirFile(work, 'plan')
  const [path = ''] = plan.split(':2,')
  renameSync(plan, `${path.replace('/new/', '/cur/')}:2,S`)
  writeFileSync(join(inbox, 'cur/1000000000.here.client:2,FS'), letter('here'))
}

const afterwards: Held = { ...atFirst, INBOX: ['here \\Flagged \\Seen', 'one \\Flagged'], Work: ['later \\Seen', 'plan \\Seen'] }
const bothWays =
  'Copies the account, and again after changes on both sides: flags, a message that is gone here, one that is gone there, new ones on both.'

/** Two runs of a client with Maildirs, and what both sides hold after each. @param place - where it keeps a mailbox */
async function syncTwice(visit: Visit, run: () => Promise<unknown>, place: (mailbox: string) => string): Promise<void> {
  const here = (): Held => Object.fromEntries(Object.keys(atFirst).map((mailbox) => [mailbox, maildirHeld(place(mailbox))]))
  await run()
  deepEqual(here(), atFirst)
  deepEqual(await visit.host.held(visit.user), atFirst)
  await changeOnServer(visit)
  changeHere(place('INBOX'), place('Work'))
  await run()
  deepEqual(await visit.host.held(visit.user), afterwards)
  deepEqual(here(), afterwards)
}

export const mbsync: ImapReader = {
  name: 'mbsync',
  needs: () => missing('mbsync'),
  ways: ['clear', 'tls'],
  deed: bothWays,
  settings({ host, port, login, password, authority }: Account) {
    const security = authority === undefined ? 'SSLType None' : `SSLType IMAPS\nCertificateFile ${authority}`
    return `~/.mbsyncrc
IMAPAccount home
Host ${host}
Port ${port}
User ${login}
Pass ${password}
${security}

IMAPStore far
Account home

MaildirStore near
Path ~/Mail/
Inbox ~/Mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`
  },
  async session(visit) {
    mkdirSync(join(visit.directory, 'Mail'))
    writeSettings(visit, mbsync)
    await syncTwice(
      visit,
      () => runPeer(visit.directory, 'mbsync', ['-a']),
      (mailbox) => join(visit.directory, 'Mail', mailbox),
    )
  },
}

export const offlineimap: ImapReader = {
  name: 'offlineimap',
  needs: () => missing('offlineimap'),
  ways: ['clear', 'tls'],
  deed: bothWays,
  settings({ host, port, login, password, authority }: Account) {
    const security = authority === undefined ? 'ssl = no\nstarttls = no' : `ssl = yes\nsslcacertfile = ${authority}`
    return `~/.offlineimaprc
[general]
accounts = home
ui = quiet

[Account home]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = ~/Mail

[Repository far]
type = IMAP
remotehost = ${host}
remoteport = ${port}
remoteuser = ${login}
remotepass = ${password}
${security}
`
  },
  async session(visit) {
    writeSettings(visit, offlineimap)
    await syncTwice(
      visit,
      () => runPeer(visit.directory, 'offlineimap', ['-o']),
      (mailbox) => join(visit.directory, 'Mail', mailbox.replaceAll('/', '.')),
    )
  },
}

const interimapOther = 'interimap-other'

export const interimap: ImapReader = {
  name: 'interimap',
  needs: () => missing('interimap'),
  ways: ['clear', 'tls'],
  deed: 'Keeps two accounts of this server alike by QRESYNC, and does so again after changes to both.',
  settings({ host, port, login, password, authority }: Account) {
    const security = authority === undefined ? 'type = imap\nSTARTTLS = NO' : `type = imaps\nSSL_CAfile = ${authority}`
    const server = (name: string, user: string, secret: string): string =>
      `[${name}]\n${security}\nhost = ${host}\nport = ${port}\nusername = ${user}\npassword = ${secret}\n`
    const other = `${interimapOther}${login.endsWith('-tls') ? '-tls' : ''}`
    return `~/.config/interimap/config
database = home.db

${server('local', other, `secret-of-${other}`)}
${server('remote', login, password)}`
  },
  async session(visit) {
    const { host, user, directory } = visit
    mkdirSync(join(directory, '.local/share/interimap'), { recursive: true, mode: 0o700 })
    writeSettings(visit, interimap)
    const other = `${interimapOther}${user.endsWith('-tls') ? '-tls' : ''}`
    const run = (): Promise<string> => runPeer(directory, 'interimap', [])
    const mine = await host.session(other) // it is new: what it has is the same in another copy, which interimap would keep beside
    for (const mailbox of ['INBOX', 'Work', '"R&APw-ckblick/1999"']) {
      await mine.must(`SELECT ${mailbox}`)
      await mine.must('STORE 1:* +FLAGS.SILENT (\\Deleted)')
      await mine.must('EXPUNGE')
    }
    mine.close()
    await run()
    deepEqual(await host.held(other), atFirst)
    deepEqual(await host.held(user), atFirst)
    await changeOnServer(visit)
    const session = await host.session(other)
    await session.must('SELECT INBOX')
    const [two] = await session.search('HEADER Message-ID two@letters.example')
    await session.must(`UID STORE ${two} +FLAGS (\\Deleted)`)
    await session.must(`UID EXPUNGE ${two}`)
    await session.append('INBOX', letter('here').replaceAll('\n', '\r\n'), '\\Flagged \\Seen')
    await session.must('SELECT Work')
    await session.must('STORE 1 +FLAGS (\\Seen)')
    session.close()
    await run()
    deepEqual(await host.held(user), afterwards)
    deepEqual(await host.held(other), afterwards)
  },
}

/** Write the file that the settings name in their first line. */
export function writeSettings({ directory, account }: Visit, client: ImapReader): string {
  const [name = '', ...lines] = client.settings(account).split('\n')
  const path = join(directory, name.replace('~/', ''))
  const parent = path.slice(0, path.lastIndexOf('/'))
  if (!existsSync(parent)) mkdirSync(parent, { recursive: true, mode: 0o700 })
  writeFileSync(path, lines.join('\n'), { mode: 0o600 })
  return path
}
