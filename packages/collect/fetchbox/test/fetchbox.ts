import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { randomFrom } from '../../../../test/crash-explorer/random.ts'
import { dovecotImapMissing, startDovecotImap } from '../../../../test/support/dovecot.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { ImapClient } from '../../../../test/support/imapclient.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { until } from '../../../../test/support/wait.ts'

const password = 'pass'
const users = ['old', 'new', 'killed', 'relayed', 'target', 'dry', 'again']
const home = await ScratchHome.make(t, ...users)
if (amRoot) giveAccounts(home)
for (const user of users) await home.run('setpassword', [user], { input: `${password}\n` })
const { port } = await Logins.start(t, home, { front: 'imapd' })
const secret = join(home.root, 'secret')
writeFileSync(secret, `${password}\n`, { mode: 0o600 })

async function session(user: string, at = port): Promise<ImapClient> {
  const client = await ImapClient.open(at)
  await client.must(`LOGIN ${user} ${password}`)
  return client
}

const message = (name: string, more = ''): string => `From: a@b.example\r\nSubject: ${name}\r\n\r\nThis is ${name}.\r\n${more}`

/** What an account holds: mailboxes in order, and of each message its text, flags and date. */
async function holds(user: string, at = port): Promise<Record<string, string[]>> {
  const client = await session(user, at)
  const { untagged } = await client.must('LIST "" *')
  const found: Record<string, string[]> = {}
  for (const line of untagged.filter((each) => !/\\Noselect/i.test(each)).sort()) {
    const name = line.replace(/^.*? "\/" /, '')
    await client.must(`EXAMINE ${name}`)
    const messages = await client.fetch('UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])')
    found[name.replaceAll('"', '')] = messages.map((items) => {
      const flags = [items.get('FLAGS') ?? []].flat().map(String)
      const date = String(items.get('INTERNALDATE')).slice(1)
      const [subject = ''] = /Subject: \S+/.exec(String(items.get('BODY[]'))) ?? []
      const shown = flags.filter((flag) => flag !== '\\RECENT').sort()
      return [subject, String(items.get('BODY[]')).length, Date.parse(date), ...shown].join(' ')
    })
  }
  client.close()
  return found
}

function start(...args: string[]): ChildProcess {
  return spawn(join(home.directory, 'bin/fetchbox'), args, { env: home.environment, cwd: home.root, stdio: 'ignore' })
}

const from = (user: string, at = port): string => `imap://${user}@127.0.0.1:${at}`
const maildir = (user: string): string => join(home.userHome(user), 'Maildir')

async function fill(user: string, at = port): Promise<void> {
  const client = await session(user, at)
  await client.must('CREATE Work/2026')
  await client.must('CREATE "R&APw-ckblick"')
  await client.must('SUBSCRIBE Work/2026')
  await client.must(
    `APPEND INBOX (\\Seen \\Flagged $Forwarded) "23-Jun-1999 12:02:24 +0900" {${message('one').length}+}\r\n${message('one')}`,
  )
  await client.append('INBOX', message('two'), '\\Answered')
  await client.append('INBOX', message('two'), '\\Answered') // the same again is another message
  await client.append('Work/2026', message('long', 'x\r\n'.repeat(100_000)), '\\Draft work')
  await client.append('"R&APw-ckblick"', message('back'))
  client.close()
}

t.test(
  'an account of Dovecot’s comes with flags, keywords, dates, mailboxes and subscriptions',
  { skip: dovecotImapMissing() },
  async (t) => {
    const dovecot = await startDovecotImap(t, home, password)
    await fill('old', dovecot)
    const args = ['--from-password', secret, from('old', dovecot), maildir('new')]
    const { stdout } = await home.run('fetchbox', args)
    t.equal(stdout, 'INBOX: 3 copied, 0 were there\nRückblick: 1 copied, 0 were there\nWork/2026: 1 copied, 0 were there\n')
    t.same(await holds('new'), await holds('old', dovecot))
    const client = await session('new')
    t.match((await client.must('LSUB "" *')).untagged.join('\n'), /Work\/2026/)
    client.close()
    const second = await session('old', dovecot)
    await second.append('INBOX', message('later'))
    second.close()
    t.equal(
      (await home.run('fetchbox', args)).stdout,
      'INBOX: 1 copied, 3 were there\nRückblick: 0 copied, 1 were there\nWork/2026: 0 copied, 1 were there\n',
    )
    t.same(await holds('new'), await holds('old', dovecot))
  },
)

const many = 160

/** Run it again and again, and kill it each time when a few more have come. @returns how often it was killed */
async function killed(t: Test, user: string, seed: number, ...args: string[]): Promise<number> {
  const random = randomFrom(seed)
  const count = (): number => ['new', 'cur'].reduce((sum, part) => sum + readdirSync(join(maildir(user), part)).length, 0)
  for (let kills = 0; ; kills += 1) {
    const goal = count() + Math.floor(60 * random())
    const child = start(...args)
    const ended = once(child, 'exit')
    await until('some more have come, or all', () => count() > goal || child.exitCode !== null)
    child.kill('SIGKILL')
    await ended
    if (child.exitCode !== null) {
      t.equal(child.exitCode, 0)
      return kills
    }
  }
}

for (const [target, what] of [
  ['killed', 'a Maildir'],
  ['target', 'another account'],
] as const) {
  t.test(`killed again and again, it brings every message into ${what} once`, async (t) => {
    const source = what === 'a Maildir' ? 'again' : 'relayed'
    const client = await session(source)
    for (let n = 0; n < many; n += 1) await client.append('INBOX', message(`n${n}`), n % 2 === 0 ? '\\Seen' : '')
    client.close()
    const to = what === 'a Maildir' ? [maildir(target)] : ['--to-password', secret, '--state', join(home.root, 'state'), from(target)]
    const options = ['--from-password', secret]
    t.ok((await killed(t, target, 7, ...options, ...to.slice(0, -1), from(source), ...to.slice(-1))) > 1, 'it was killed')
    t.same((await holds(target))['INBOX'], (await holds(source))['INBOX'])
  })
}

t.test('with --dry-run nothing is written, and a password on the command line is refused', async (t) => {
  await fill('dry')
  const before = await holds('target')
  const { stdout } = await home.run('fetchbox', [
    '--dry-run',
    '--from-password',
    secret,
    '--to-password',
    secret,
    from('dry'),
    from('target'),
  ])
  t.match(stdout, /^INBOX: 3 to copy, 0 were there\n/)
  t.same(await holds('target'), before)
  const refused = async (...args: string[]): Promise<string> => {
    const { exitCode, stderr } = await home.run('fetchbox', args, { reject: false })
    t.equal(exitCode, 100)
    return stderr
  }
  t.match(await refused(`imap://dry:${password}@127.0.0.1`, 'x'), /a password on the command line can be read by everybody/)
  t.match(await refused('--from-password', '/dev/null', from('dry'), maildir('dry')), /there is no password for/)
  writeFileSync(join(home.root, 'wrong'), 'wrong\n')
  t.match(await refused('--from-password', join(home.root, 'wrong'), from('dry'), maildir('dry')), /^fetchbox: 127\.0\.0\.1: /)
  t.match(await refused('--folder', 'Nowhere', '--from-password', secret, from('dry'), maildir('dry')), /Nowhere: there is no such mailbox/)
})
