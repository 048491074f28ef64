/** Files of a Maildir that are garbage, gone or not files: the mailbox is served, or the client hears NO. It never gets a wrong message. */
import { randomBytes } from 'node:crypto'
import { chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { amRoot, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { ImapClient } from '../../../../test/support/imapclient.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'

const users = Array.from({ length: 6 }, (_, at) => `user${at}`)
const home = await ScratchHome.make(t, ...users)
if (amRoot) giveAccounts(home)
for (const user of users) await home.run('setpassword', [user], { input: 'geheim\n' })
const logins = await Logins.start(t, home, { front: 'imapd' })
const head = '3 V1796100110 N7 G46aa999561c340b98c9221aa48fb181e\n'

async function logIn(t: Test, user: string): Promise<ImapClient> {
  const client = await ImapClient.open(logins.port)
  t.teardown(() => client.close())
  await client.must(`LOGIN ${user} geheim`)
  return client
}

function textOf(id: string): string {
  return `X-Id: ${id}\r\n\r\nbody of ${id}\r\n`
}

/** Every message that a session is shown is whole, and has a UID of its own. @returns ids, in order; undefined if it may not select */
async function look(t: Test, client: ImapClient): Promise<string[] | undefined> {
  const { status } = await client.say('SELECT INBOX')
  if (status !== 'OK') {
    t.equal(status, 'NO')
    return undefined
  }
  const items = await client.fetch('FETCH 1:* (UID FLAGS BODY.PEEK[])')
  const uids = items.map((each) => String(each.get('UID')))
  t.equal(new Set(uids).size, uids.length, 'each has a UID of its own')
  return items
    .map((each) => {
      const text = String(each.get('BODY[]')).slice(1)
      const id = /^X-Id: (\S+)/.exec(text)?.[1] ?? ''
      t.equal(text, textOf(id), 'it is whole')
      return id
    })
    .sort()
}

const garbage: readonly [what: string, put: (path: string) => void][] = [
  ['noise', (path) => writeFileSync(path, randomBytes(5_000))],
  ['zeros', (path) => writeFileSync(path, Buffer.alloc(4_096))],
  ['nothing', (path) => writeFileSync(path, '')],
  ['half a header', (path) => writeFileSync(path, head.slice(0, 9))],
  ['other messages', (path) => writeFileSync(path, `${head}1 :x\n2 :y\n4294967294 :z\n3 :1.a.h\n`)],
  ['UIDs that are used up', (path) => writeFileSync(path, '3 V7 N4294967295 G46aa999561c340b98c9221aa48fb181e\n')],
  ['lines for an answer', (path) => writeFileSync(path, '0 a) BODY[] {3}\r\n1 \\Seen\n2 * OK\n')],
  ['a directory', (path) => mkdirSync(path)],
  ['a link', (path) => symlinkSync('/etc/passwd', path)],
]

for (const [at, file] of ['dovecot-uidlist', 'dovecot-keywords', 'yabumi-imap/index', 'yabumi-imap/modseq'].entries()) {
  t.test(`${file} is garbage`, async (t) => {
    const user = users[at] as string
    const maildir = join(home.userHome(user), 'Maildir')
    home.userFile(user, 'Maildir/cur/1.a.h:2,Sa', textOf('one').replaceAll('\r\n', '\n'))
    home.userFile(user, 'Maildir/cur/2.a.h:2,b', textOf('two').replaceAll('\r\n', '\n'))
    const open = await logIn(t, user)
    await open.must('SELECT INBOX')
    for (const [what, put] of garbage) {
      const path = join(maildir, file)
      rmSync(path, { recursive: true, force: true })
      put(path)
      if (what !== 'a link') chownSync(path, userAccount.uid, userAccount.gid)
      const said = await open.say('NOOP') // its session may end, if UIDs are void
      t.match(said.status, /^(?:OK|NO|)$/, `${what}: ${said.status} for a session that is open`)
      const client = await logIn(t, user)
      const ids = await look(t, client)
      if (ids !== undefined) t.same(ids, ['one', 'two'], `${what}: it is served`)
      const { status } = await client.say('UID STORE 1:* +FLAGS (\\Flagged fresh)')
      t.match(status, /^(?:OK|NO|BAD)$/, `${what}: flags`)
      client.close()
      rmSync(path, { recursive: true, force: true })
      const after = await logIn(t, user)
      t.same(await look(t, after), ['one', 'two'], `${what}: without it, it is served again`)
      after.close()
    }
  })
}

t.test('a mailbox is removed under a session', async (t) => {
  const user = users[4] as string
  const maildir = join(home.userHome(user), 'Maildir')
  const [client, other] = [await logIn(t, user), await logIn(t, user)]
  await client.must('CREATE Archive')
  await client.append('Archive', textOf('one'))
  await client.must('SELECT Archive')
  rmSync(join(maildir, '.Archive'), { recursive: true })
  const said = await client.say('FETCH 1 BODY.PEEK[]')
  t.notOk(
    said.untagged.some((line) => line.includes('X-Id')),
    'no message that is not there',
  )
  t.match((await other.say('SELECT Archive')).status, 'NO')
  t.match(await other.say(`APPEND Archive {${textOf('two').length}+}\r\n${textOf('two')}`), { status: 'NO', text: /^\[TRYCREATE\]/ })
  await other.append('INBOX', textOf('two'))
  t.same(await look(t, other), ['two'])
})

t.test('the whole Maildir is removed under a session', async (t) => {
  const user = users[5] as string
  const maildir = join(home.userHome(user), 'Maildir')
  const client = await logIn(t, user)
  await client.append('INBOX', textOf('one'))
  await client.must('SELECT INBOX')
  for (const name of readdirSync(maildir)) rmSync(join(maildir, name), { recursive: true })
  for (const command of ['FETCH 1 BODY.PEEK[]', 'NOOP', `APPEND INBOX {${textOf('two').length}+}\r\n${textOf('two')}`, 'LIST "" *']) {
    const { status, untagged } = await client.say(command)
    t.match(status, /^(?:OK|NO|BAD|)$/, command)
    t.notOk(
      untagged.some((line) => line.includes('X-Id')),
      'no message that is not there',
    )
  }
})
