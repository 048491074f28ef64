import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import fc from 'fast-check'
import t from 'tap'
import { Accounts, LookupTrouble, Users } from '../src/index.ts'

const uid = process.getuid?.() ?? 0
const gid = process.getgid?.() ?? 0

/** A new directory with these files and, for a null, directories. */
function scratch(files: Record<string, string | null>): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-users-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    if (content === null) mkdirSync(join(directory, name))
    else writeFileSync(join(directory, name), content)
  }
  return directory
}

/** A home whose users/cdb holds these records, as newu would write them. */
function homeWith(records: [key: string, data: string][] | undefined): string {
  const home = scratch({ users: null, alias: null })
  if (records !== undefined) assign(home, records)
  return home
}

function assign(home: string, records: [key: string, data: string][]): void {
  const bytes = records.map(([key, data]): [Buffer, Buffer] => [Buffer.from(key, 'latin1'), Buffer.from(data, 'latin1')])
  writeFileSync(join(home, 'users/cdb.tmp'), makeCdb(bytes))
  renameSync(join(home, 'users/cdb.tmp'), join(home, 'users/cdb'))
}

const joe = 'joe\x001000\x00100\x00/home/joe\x00'

/** Files for Accounts: no account but these, and no other service. */
function accountFiles(passwd: string, services = 'files'): { passwd: string; nsswitch: string } {
  const directory = scratch({ passwd, nsswitch: `passwd: ${services}\n` })
  return { passwd: join(directory, 'passwd'), nsswitch: join(directory, 'nsswitch') }
}

t.test('users/cdb: the exact name wins, in any case', async (t) => {
  const users = new Users(
    homeWith([
      ['!joe\0', `${joe}\0`],
      ['!j', `wild\x001\x001\x00/w\x00-\x00`],
      ['', 'j'],
    ]),
  )
  t.same(await users.find('JOE'), { user: 'joe', uid: 1000, gid: 100, home: '/home/joe', dash: '', extension: '' })
})

t.test('users/cdb: the longest wildcard wins and the rest keeps its case', async (t) => {
  const users = new Users(
    homeWith([
      ['!joe-', `${joe}-\0`],
      ['!joe-list-', `${joe}-\x00lists-`],
      ['!', `alias\x007\x007\x00/a\x00-\x00`],
      ['', '-'],
    ]),
  )
  t.equal((await users.find('joe-List-Big')).extension, 'lists-Big')
  t.equal((await users.find('joe-Other')).extension, 'Other')
  t.equal((await users.find('joe-')).extension, '')
  t.match(await users.find('Joe'), { user: 'alias', extension: 'Joe' })
})

t.test('users/cdb: a prefix counts only if its last byte ends a wildcard', async (t) => {
  const users = new Users(
    homeWith([
      ['!joe+', `${joe}-\0`],
      ['', '-'],
    ]),
    accountFiles(''),
  )
  t.match(await users.find('joe+x'), { user: 'alias', dash: '-', extension: 'joe+x' })
})

t.test('users/cdb: a new file counts from the next look-up on, and so does its removal', async (t) => {
  const home = homeWith([
    ['!joe\0', `${joe}\0`],
    ['', ''],
  ])
  const users = new Users(home, accountFiles(''))
  t.equal((await users.find('joe')).uid, 1000)
  assign(home, [
    ['!joe\0', 'joe\x002000\x00100\x00/home/joe\x00\0'],
    ['', ''],
  ])
  t.equal((await users.find('joe')).uid, 2000)
  rmSync(join(home, 'users/cdb'))
  t.equal((await users.find('joe')).user, 'alias')
})

t.test('users/cdb: more names than are remembered are all found', async (t) => {
  const users = new Users(
    homeWith([
      ['!', `alias\x007\x007\x00/a\x00-\x00`],
      ['', ''],
    ]),
  )
  for (let n = 0; n < 4500; n += 1) if ((await users.find(`u${n}`)).extension !== `u${n}`) t.fail(`u${n}`)
  t.equal((await users.find('u1')).extension, 'u1')
})

t.test('users/cdb: trouble is said with the exit code of spec §2.4.4', async (t) => {
  const malformed = new Users(
    homeWith([
      ['!joe\0', 'joe\x001000\x00100\0'],
      ['', ''],
    ]),
  )
  await t.rejects(malformed.find('joe'), { name: 'Trouble', exit: 112 })
  await t.rejects(new Users(homeWith([['!joe\0', joe]])).find('joe'), { name: 'Trouble', exit: 117 }, 'no record of wildcards')
  const damaged = homeWith(undefined)
  writeFileSync(join(damaged, 'users/cdb'), 'no cdb')
  await t.rejects(new Users(damaged).find('joe'), { name: 'Trouble', exit: 117 })
  const directory = homeWith(undefined)
  mkdirSync(join(directory, 'users/cdb'))
  await t.rejects(new Users(directory).find('joe'), { name: 'Trouble', exit: 117 })
})

t.test('users/cdb: a damaged file never gives anything but an answer or trouble', async () => {
  const home = homeWith([
    ['!joe\0', `${joe}\0`],
    ['!joe-', `${joe}-\0`],
    ['', '-'],
  ])
  const intact = readFileSync(join(home, 'users/cdb'))
  const damage = fc.array(fc.tuple(fc.nat(intact.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(damage, fc.constantFrom('joe', 'joe-a', 'x', ''), async (changes, local) => {
      const bytes = Buffer.from(intact)
      for (const [position, value] of changes) bytes[position] = value
      writeFileSync(join(home, 'users/cdb'), bytes)
      const users = new Users(home, accountFiles(''))
      const outcome: unknown = await users.find(local).catch((error: unknown) => error)
      users.close()
      return outcome instanceof LookupTrouble || typeof (outcome as { uid: unknown }).uid === 'number'
    }),
    { numRuns: 300, seed: 7 },
  )
})

t.test('accounts: the name itself, then what precedes a hyphen, longest first; any case', async (t) => {
  const home = scratch({ alias: null, cloudy: null })
  const passwd = `cloudy:x:${uid || 5}:${gid}:gecos:${home}/cloudy:/bin/sh\n`
  if (uid === 0) chownSync(join(home, 'cloudy'), 5, 5)
  const users = new Users(home, accountFiles(passwd))
  t.match(await users.find('Cloudy'), { user: 'cloudy', home: `${home}/cloudy`, dash: '', extension: '' })
  t.match(await users.find('CLOUDY-a-B'), { user: 'cloudy', dash: '-', extension: 'a-B' })
  t.match(await users.find('cloudy-'), { user: 'cloudy', dash: '-', extension: '' })
  t.match(await users.find('nosuch-a'), { user: 'alias', dash: '-', extension: 'nosuch-a', uid, gid, home: `${home}/alias` })
  t.match(await users.find('cloudyx'), { user: 'alias' })
  t.match(await users.find('-cloudy'), { user: 'alias' })
})

t.test('accounts: no mail for uid 0, a home that is missing or another account’s, a name of more than 31 bytes', async (t) => {
  const home = scratch({ alias: null, own: null })
  const mine = uid || 5
  if (uid === 0) chownSync(join(home, 'own'), 5, 5)
  const long = 'l'.repeat(32)
  const lines = [
    `root:x:0:0::${home}/own:`,
    `gone:x:${mine}:1::${home}/gone:`,
    `other:x:${mine + 1}:1::${home}/own:`,
    `${long}:x:${mine}:1::${home}/own:`,
    `fine:x:${mine}:1::${home}/own:`,
    'broken:x:1',
    ':x:1:1::/:',
  ]
  const users = new Users(home, accountFiles(lines.join('\n')))
  for (const name of ['root', 'gone', 'other', long, 'broken', '']) t.equal((await users.find(name)).user, 'alias', name)
  t.equal((await users.find('fine')).user, 'fine')
})

t.test('accounts: an edit of the passwd file counts at once', async (t) => {
  const files = accountFiles('one:x:11:1::/one:\n')
  const accounts = new Accounts(files)
  t.equal((await accounts.find('one'))?.uid, 11)
  t.equal(await accounts.find('two'), undefined)
  writeFileSync(files.passwd, 'one:x:12:1::/one:\ntwo:x:13:1::/two:/bin/false\n')
  t.equal((await accounts.find('one'))?.uid, 12)
  t.same(await accounts.find('two'), { name: 'two', uid: 13, gid: 1, home: '/two', shell: '/bin/false' })
})

t.test('accounts: other services are asked where they are configured, and believed', async (t) => {
  const programs = scratch({
    getent: '#!/bin/sh\ncase $2 in far) echo "far:x:77:7::/far:/bin/sh";; ill) exit 3;; *) exit 2;; esac\n',
  })
  chmodSync(join(programs, 'getent'), 0o755)
  const path = process.env['PATH']
  process.env['PATH'] = `${programs}:${path}`
  t.teardown(() => {
    process.env['PATH'] = path
  })
  const accounts = new Accounts(accountFiles('near:x:11:1::/near:\n', 'files [NOTFOUND=continue] ldap'))
  t.equal((await accounts.find('far'))?.uid, 77)
  t.equal((await accounts.find('near'))?.uid, 11)
  t.equal(await accounts.find('nobody-here'), undefined)
  t.equal(await accounts.find('-o'), undefined)
  await t.rejects(accounts.find('ill'), { name: 'Trouble', exit: 118 })
  t.equal(await new Accounts(accountFiles('')).find('far'), undefined, 'not asked where it is not configured')
})

t.test('accounts: alias-anything is anything of the alias account, whatever that is called', async (t) => {
  const home = scratch({ alias: null })
  const users = new Users(home, accountFiles(''))
  t.match(await users.find('alias-example-sales'), { user: 'alias', dash: '-', extension: 'example-sales', home: `${home}/alias` })
  t.match(await users.find('Alias-X'), { user: 'alias', extension: 'X' })
  for (const local of ['alias', 'aliases', 'x-alias-y']) t.match(await users.find(local), { user: 'alias', extension: local })
})

t.test('accounts: an unreadable passwd file is temporary trouble, and no alias directory is said as such', async (t) => {
  const missing = { passwd: '/nonexistent/passwd', nsswitch: '/nonexistent' }
  await t.rejects(new Accounts(missing).find('joe'), { name: 'Trouble', exit: 118, status: '4.3.0' })
  await t.rejects(new Users(scratch({}), accountFiles('')).find('joe'), { name: 'Trouble', exit: 116 })
})
