/** What the programs of IMAP may do: the front nothing but hear clients, a worker what its user may and no more. As root. */
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encodeRecord } from '../../packages/system/loginprotocol/src/record.ts'
import { amRoot, ScratchHome, userAccount } from '../support/home.ts'
import { ImapClient } from '../support/imapclient.ts'
import { accountUids, giveAccounts, Logins } from '../support/logins.ts'
import { call } from './support/call.ts'

const skip = !amRoot && 'only root has other accounts'

interface Started {
  readonly home: ScratchHome
  readonly logins: Logins
  readonly client: ImapClient
  /** Process number of the worker. */
  readonly worker: number
}

async function start(t: Pick<Parameters<typeof ScratchHome.make>[0], 'teardown'>): Promise<Started> {
  const home = await ScratchHome.make(t, 'kyoma')
  giveAccounts(home)
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  home.userFile('kyoma', 'Maildir/cur/1.a.h:2,S', 'Subject: secret\n\nsecret\n')
  const logins = await Logins.start(t, home, { front: 'imapd' })
  const client = await ImapClient.open(logins.port)
  t.teardown(() => client.close())
  await client.must('LOGIN kyoma geheim')
  await client.must('SELECT INBOX')
  const [[, pid] = []] = await logins.logs(/imapd: \S+ \d+: pid (\d+): kyoma$/m)
  return { home, logins, client, worker: Number(pid) }
}

/** Run a command as an account. @returns its exit code */
function as(uid: number, ...command: string[]): number | null {
  const [file = '', ...args] = command
  return spawnSync(file, args, { uid, gid: uid, cwd: '/', stdio: 'ignore' }).status
}

function statusOf(pid: number): ReadonlyMap<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'latin1').trimEnd().split('\n')
  return new Map(lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
}

/** What its descriptors lead to. */
function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return [] // closed meanwhile
    }
  })
}

t.test('a fallen front has no right, and reads no mailbox, no worker and no password', { skip }, async (t) => {
  const { home, logins, worker } = await start(t)
  const front = statusOf(logins.pid('imapd'))
  t.equal(front.get('Uid'), Array(4).fill(accountUids.front).join('\t'))
  t.equal(front.get('Gid')?.split('\t').includes('0'), false, 'no group of root’s')
  t.same(
    front
      .get('Groups')
      ?.split(' ')
      .filter((group) => group === '0'),
    [],
  )
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) t.match(front.get(set), /^0+$/, set)
  const maildir = join(home.userHome('kyoma'), 'Maildir')
  for (const path of [maildir, join(maildir, 'cur')]) t.not(as(accountUids.front, 'ls', path), 0, path)
  t.not(as(accountUids.front, 'cat', join(maildir, 'cur/1.a.h:2,S')), 0)
  t.not(as(accountUids.front, 'cat', join(home.directory, 'state/auth/passwords')), 0)
  for (const file of ['mem', 'environ', 'maps', 'fd/0']) t.not(as(accountUids.front, 'cat', `/proc/${worker}/${file}`), 0, file)
  t.not(as(accountUids.front, 'kill', '-0', String(worker)), 0, 'it does not even signal a worker')
  const own = descriptorsOf(logins.pid('imapd')).filter((path) => path.startsWith(home.root))
  t.same(
    own.filter((path) => path.includes('/users/') || path.includes('/state/')),
    [],
    'nothing of a mailbox or of passwords is open in it',
  )
})

t.test('a fallen front names no user, and ends no session of others', { skip }, async (t) => {
  const { home, client } = await start(t)
  const imap = ['imap', '--worker', 'Maildir']
  for (const record of [
    ['session', 'kyoma', ...imap],
    ['session', 'kyoma', 'tag', ...imap],
    ['end', 'kyoma'],
    ['ticket', 'kyoma', ...imap],
  ]) {
    t.equal(call(home, accountUids.front, 'authd.sock', encodeRecord(record)), '', record.join(' '))
    t.equal(call(home, accountUids.front, 'sessiond.sock', encodeRecord(record)), 'EACCES', record.join(' '))
  }
  await client.must('NOOP')
})

t.test('a worker is its user and no more', { skip }, async (t) => {
  const { home, worker } = await start(t)
  const { uid, gid } = userAccount
  const status = statusOf(worker)
  t.equal(status.get('Uid'), Array(4).fill(uid).join('\t'))
  t.equal(status.get('Gid'), Array(4).fill(gid).join('\t'))
  const groups = (status.get('Groups') ?? '').split(' ').filter(Boolean)
  t.same(
    groups.filter((group) => group !== String(gid)),
    [],
    'groups',
  )
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) t.match(status.get(set), /^0+$/, set)
  const files = descriptorsOf(worker).filter((path) => path.startsWith('/') && path !== '/dev/null')
  const maildir = join(home.userHome('kyoma'), 'Maildir')
  t.same(
    files.filter((path) => path !== maildir && !path.startsWith(`${maildir}/`)),
    [],
    'no file but its mailbox is open in it',
  )
  const environment = readFileSync(`/proc/${worker}/environ`, 'latin1').split('\0').filter(Boolean)
  const names = environment.map((entry) => entry.split('=')[0])
  t.same(
    names.filter((name) => name?.match(/PASS|SECRET|TOKEN|LOGIN$/i)),
    [],
    'no secret is in its environment',
  )
  t.notOk(environment.join('\n').includes('geheim'))
  t.notOk(readFileSync(`/proc/${worker}/cmdline`, 'latin1').includes('geheim'))
})

t.test('who has become a worker reaches no other mailbox, no password, and no socket of the logins', { skip }, async (t) => {
  const { home, logins } = await start(t)
  const other = join(home.root, 'users/other')
  mkdirSync(other, { mode: 0o700 })
  writeFileSync(join(other, 'mail'), 'secret\n')
  chownSync(other, accountUids.check, accountUids.check)
  t.not(as(userAccount.uid, 'cat', join(other, 'mail')), 0)
  for (const path of ['state/auth/passwords', 'users/passwords']) t.not(as(userAccount.uid, 'cat', join(home.directory, path)), 0, path)
  const store = encodeRecord(['store', 'kyoma', '', 'mine'])
  t.equal(call(home, userAccount.uid, 'authd.sock', store), '')
  t.equal(call(home, userAccount.uid, 'sessiond.sock', encodeRecord(['end', 'kyoma'])), 'EACCES')
  for (const name of ['authd', 'sessiond', 'imapd'] as const) {
    t.not(as(userAccount.uid, 'kill', '-0', String(logins.pid(name))), 0, `it does not signal ${name}`)
    t.not(as(userAccount.uid, 'cat', `/proc/${logins.pid(name)}/environ`), 0, `nor look into ${name}`)
  }
})
