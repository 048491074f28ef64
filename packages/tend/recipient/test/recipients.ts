/** Each answer is that of a delivery: local, started as lspawn would start it, says the same of the same address. */

import { once } from 'node:events'
import { chmodSync, chownSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgramAs } from '@yabumi/child'
import { asAccount } from '@yabumi/home'
import { packSender, readSrs } from '@yabumi/srs'
import { type User, Users } from '@yabumi/users'
import t from 'tap'
import { amRoot, hostName, ScratchHome, userAccount } from '../../../../test/support/home.ts'
import { type Answer, type Look, lookInHome, Recipients } from '../src/index.ts'

const start = process.cwd()
const account = { ...userAccount, groups: [] }

const look: Look = (_user, request) => {
  const home = process.cwd()
  try {
    return asAccount(account, () => lookInHome(request))
  } finally {
    process.chdir(home)
  }
}

/** With the home as working directory, as the programs have it. */
async function inHome<T>(home: ScratchHome, work: (recipients: Recipients, users: Users) => Promise<T>, some: Look = look): Promise<T> {
  process.chdir(home.directory)
  const users = new Users('.')
  try {
    return await work(new Recipients(users, some, () => undefined), users)
  } finally {
    users.close()
    process.chdir(start)
  }
}

const verdict = async (recipients: Recipients, address: string): Promise<Answer['verdict']> => (await recipients.answer(address)).verdict

/** What local would do for it, without doing it. */
async function localSays(home: ScratchHome, { user, home: directory, dash, extension }: User, local: string): Promise<string> {
  const args = ['-n', '--', user, directory, local, dash, extension, hostName, 's@x.example', './Maildir/']
  const program = { file: join(home.directory, 'bin/local'), args, env: Object.entries(home.environment) }
  const child = startProgramAs(program, amRoot ? account : undefined, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr += bytes.toString('latin1')
  })
  const [exitCode] = await once(child, 'close')
  return exitCode === 0
    ? 'delivers'
    : exitCode === 111 || /sticky/.test(stderr)
      ? 'defers'
      : stderr.includes('no mailbox here')
        ? 'no mailbox'
        : 'fails'
}

/** Files of joe's home, what is asked, and what is right. */
const cases: readonly [what: string, local: string, verdict: Answer['verdict'], make?: (home: ScratchHome) => void][] = [
  ['a user as such', 'joe', 'known'],
  ['in capitals', 'JOE', 'known'],
  ['an extension of nobody', 'joe-x', 'unknown'],
  ['an empty extension', 'joe-', 'unknown'],
  ['nobody', 'nobody', 'unknown'],
  ['an extension', 'joe-x', 'known', (home) => home.userFile('joe', '.qmail-x', '')],
  ['an extension in capitals', 'joe-X', 'known', (home) => home.userFile('joe', '.qmail-x', '')],
  ['a dot is a colon', 'joe-a.b', 'known', (home) => home.userFile('joe', '.qmail-a:b', '')],
  ['a way up', 'joe-../x', 'unknown', (home) => home.userFile('joe', 'x', '')],
  ['a default', 'joe-a-b-c', 'known', (home) => home.userFile('joe', '.qmail-a-default', '')],
  ['another default', 'joe-b-c', 'unknown', (home) => home.userFile('joe', '.qmail-a-default', '')],
  [
    'a list with its VERP address',
    'joe-list-owner-ann=x.example',
    'known',
    (home) => home.userFile('joe', '.qmail-list-owner-default', ''),
  ],
  ['bytes', 'joe-\xff\xfe', 'known', (home) => writeFileSync(Buffer.from(join(home.userHome('joe'), '.qmail-\xff\xfe'), 'latin1'), '')],
  ['an empty file', 'joe-x', 'known', (home) => home.userFile('joe', '.qmail-x', '')],
  ['a file that only forwards', 'joe-x', 'known', (home) => home.userFile('joe', '.qmail-x', '&a@b.example\n', 0o700)],
  ['a file whose x bit forbids it', 'joe-x', 'known', (home) => home.userFile('joe', '.qmail-x', './Maildir/\n', 0o700)],
  ['a file that begins with a blank line', 'joe-x', 'known', (home) => home.userFile('joe', '.qmail-x', '\n')],
  ['a file for everybody to write', 'joe-x', 'uncertain', (home) => home.userFile('joe', '.qmail-x', '', 0o666)],
  [
    'and the default behind it',
    'joe-x',
    'uncertain',
    (home) => {
      home.userFile('joe', '.qmail-x', '', 0o666)
      home.userFile('joe', '.qmail-default', '')
    },
  ],
  ['a file that cannot be read', 'joe-x', 'uncertain', (home) => symlinkSync('/proc/1/environ', join(home.userHome('joe'), '.qmail-x'))],
  ['a directory', 'joe-x', 'unknown', (home) => mkdirSync(join(home.userHome('joe'), '.qmail-x'))],
  ['a link to nothing', 'joe-x', 'unknown', (home) => symlinkSync('none', join(home.userHome('joe'), '.qmail-x'))],
  ['a link in a circle', 'joe-x', 'unknown', (home) => symlinkSync('.qmail-x', join(home.userHome('joe'), '.qmail-x'))],
  ['a home that is sticky', 'joe-x', 'uncertain', (home) => chmodSync(home.userHome('joe'), 0o1700)],
  ['a home for everybody to write', 'joe-x', 'uncertain', (home) => chmodSync(home.userHome('joe'), 0o707)],
  ['a home that is not there', 'joe-x', 'uncertain', (home) => rmSync(home.userHome('joe'), { recursive: true })],
  [
    'a home that is a file',
    'joe-x',
    'uncertain',
    (home) => {
      rmSync(home.userHome('joe'), { recursive: true })
      writeFileSync(home.userHome('joe'), '')
    },
  ],
  ['an alias', 'sales', 'known', (home) => writeFileSync(join(home.directory, 'alias/.qmail-sales'), '&joe\n')],
  ['an alias for all', 'anybody', 'known', (home) => writeFileSync(join(home.directory, 'alias/.qmail-default'), '&joe\n')],
  [
    'what an alias for all does not take from a user',
    'joe-x',
    'unknown',
    (home) => writeFileSync(join(home.directory, 'alias/.qmail-default'), '&joe\n'),
  ],
]

t.test('whoever is unknown, and nobody else, would have no mailbox at the delivery', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  for (const [what, local, right, make] of cases) {
    rmSync(home.userHome('joe'), { recursive: true, force: true })
    mkdirSync(home.userHome('joe'), { mode: 0o700 })
    chownSync(home.userHome('joe'), userAccount.uid, userAccount.gid)
    for (const name of ['sales', 'default']) rmSync(join(home.directory, `alias/.qmail-${name}`), { force: true })
    make?.(home)
    const said = await inHome(home, async (recipients, users) => {
      const answer = await verdict(recipients, `${local}@${hostName}`)
      return [answer, await localSays(home, await users.find(local), local)] as const
    })
    t.equal(said[0], right, what)
    t.equal(said[1] === 'no mailbox', right === 'unknown', `${what}: ${said[1]}`)
    if (right === 'uncertain') t.equal(said[1], 'defers', what)
  }
})

t.test(
  'a link of another account, and a second name of its file, are no certain no',
  { skip: !amRoot && 'needs two accounts' },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    const foreign = join(home.root, 'foreign')
    writeFileSync(foreign, '')
    chownSync(foreign, 61_200, 61_200)
    linkSync(foreign, join(home.userHome('joe'), '.qmail-x'))
    t.equal(await inHome(home, (recipients) => verdict(recipients, `joe-x@${hostName}`)), 'uncertain')
  },
)

t.test('domains: virtual ones, by address, with everybody behind one user, or none; what goes elsewhere is known', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control(
    'virtualdomains',
    'v.example:joe-v\n.below.example:joe-b\none@far.example:joe-o\nelse.example:\nall.example:joe-all\nali.example:ali\n',
  )
  home.control('percenthack', hostName)
  home.userFile('joe', '.qmail-v-info', '')
  home.userFile('joe', '.qmail-all-default', '')
  writeFileSync(join(home.directory, 'alias/.qmail-ali-x'), '')
  const right: Record<string, Answer['verdict']> = {
    'info@v.example': 'known',
    'INFO@V.Example': 'known',
    'other@v.example': 'unknown',
    'x@m.below.example': 'unknown',
    'one@far.example': 'unknown',
    'two@far.example': 'known',
    'x@else.example': 'known',
    'whoever@all.example': 'known',
    'x@ali.example': 'known',
    'y@ali.example': 'unknown',
    joe: 'known',
    nobody: 'unknown',
    [`other%v.example@${hostName}`]: 'unknown',
    [`a%far.example@${hostName}`]: 'known',
    'postmaster@v.example': 'known',
    'ABUSE@m.below.example': 'known',
    Postmaster: 'known',
    [`postmaster%v.example@${hostName}`]: 'known',
  }
  for (const [address, wanted] of Object.entries(right))
    t.equal(await inHome(home, (recipients) => verdict(recipients, address)), wanted, address)
})

t.test('a user in users/assign with a prefix only, and a wildcard without a hyphen, are no unknown ones', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const { uid, gid } = userAccount
  const directory = home.userHome('joe')
  writeFileSync(
    join(home.directory, 'users/assign'),
    `+jim:joe:${uid}:${gid}:${directory}:::\n+jane-:joe:${uid}:${gid}:${directory}:-:jane-:\n.\n`,
  )
  home.userFile('joe', '.qmail-jane-x', '')
  await home.run('newu')
  const right = { jim: 'known', jimmy: 'known', 'jane-x': 'known', 'jane-y': 'unknown' }
  for (const [local, wanted] of Object.entries(right))
    t.equal(await inHome(home, (recipients) => verdict(recipients, `${local}@${hostName}`)), wanted, local)
})

t.test('an address that SRS has made here is known, and one that it has not is an address like any other', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('srs_domain', hostName)
  home.control('srs_secrets', 'geheim\n')
  await inHome(home, async (recipients) => {
    const srs = readSrs('.')
    if (srs === undefined) throw new Error('no SRS')
    const now = Math.floor(Date.now() / 1000)
    const made = packSender('a@far.example', srs, now)
    t.equal(await verdict(recipients, made), 'known')
    t.equal(await verdict(recipients, made.replace('SRS0=', 'srs0=')), 'known')
    t.equal(await verdict(recipients, made.replace(/^SRS0=..../, 'SRS0=AAAA')), 'unknown', 'another signature')
    t.equal(await verdict(recipients, packSender('a@far.example', srs, now - 40 * 86_400)), 'unknown', 'too old')
    t.equal(await verdict(recipients, 'SRS0=x=y=z=w@v.example'), 'known', 'goes elsewhere')
  })
})

t.test('a known user, a remote address and the postmaster cost no look; trouble with a table is no answer', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  const never: Look = () => {
    throw new Error('a look')
  }
  await inHome(
    home,
    async (recipients) => {
      for (const address of [`joe@${hostName}`, 'a@far.example', `postmaster@${hostName}`])
        t.equal(await verdict(recipients, address), 'known', address)
      await t.rejects(recipients.answer(`joe-x@${hostName}`), { message: 'a look' })
    },
    never,
  )
  writeFileSync(join(home.directory, 'users/cdb'), 'no cdb')
  await inHome(home, (recipients) => t.rejects(recipients.answer(`joe@${hostName}`)))
})

t.test('where another program delivers, nothing that is delivered here is certain', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  process.chdir(home.directory)
  const users = new Users('.')
  const recipients = new Recipients(users, look) // this test is no program that was installed with bin/lspawn
  t.match(await recipients.answer(`nobody@${hostName}`), { verdict: 'uncertain', because: 'the lspawn in bin/ is not ours' })
  t.equal(await verdict(recipients, 'a@far.example'), 'known')
  users.close()
  process.chdir(start)
})
