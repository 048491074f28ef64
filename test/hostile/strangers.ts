/** What other accounts own, may write or have planted in a user's home is not used, and what is said of it names file and owner. */
import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { amRoot, hostName, ScratchHome } from '../support/home.ts'
import type { Running } from '../support/running.ts'
import { until } from '../support/wait.ts'

/** Anew for each test: tap writes into it. */
const asRoot = () => ({ skip: !amRoot && 'only root can give files away' })

/** No account has it, nor its group. */
const private_ = 64_101
const stranger = 65_534

/** A group that some account has as its own. */
function sharedGroup(): number {
  const groups = readFileSync('/etc/passwd', 'latin1').split('\n')
  return Number(groups.map((line) => line.split(':')).find(([, , uid, gid]) => Number(uid) > 0 && Number(gid) > 0)?.[3])
}

/** A system with the users `alone`, whose group is theirs, and `team`, whose group another account has. */
async function system(): Promise<{ home: ScratchHome; running: Running; gids: Record<string, number> }> {
  const home = await ScratchHome.make(t)
  const gids: Record<string, number> = { alone: private_, team: sharedGroup() }
  const lines = Object.entries(gids).flatMap(([name, gid]) => {
    const directory = home.userHome(name)
    mkdirSync(directory, { recursive: true })
    for (const part of ['', 'Maildir', 'Maildir/tmp', 'Maildir/new', 'Maildir/cur']) {
      if (part !== '') mkdirSync(join(directory, part))
      chownSync(join(directory, part), private_, gid)
    }
    const user = `${name}:${private_}:${gid}:${directory}`
    return [`=${name}:${user}:::`, `+${name}-:${user}:-::`]
  })
  chmodSync(join(home.root, 'users'), 0o755)
  writeFileSync(join(home.directory, 'users/assign'), [...lines, '.', ''].join('\n'))
  await home.run('newu')
  return { home, running: await home.supervise(), gids }
}

/** What becomes of one message: the report, with blanks. */
async function outcome({ home, running }: { home: ScratchHome; running: Running }, local: string): Promise<string> {
  const before = running.log.length
  await home.inject([local], 'Subject: x\n\nx\n')
  const report = /delivery \d+: (\w+: [^\n]*)\n/
  await until(`a report for ${local}`, () => report.test(running.log.slice(before)))
  return report.exec(running.log.slice(before))?.[1]?.replaceAll('_', ' ') as string
}

/** What explain says of an address. */
async function explained(home: ScratchHome, local: string): Promise<string> {
  return (await home.run('explain', [`${local}@${hostName}`])).stdout
}

t.test(
  'F7: a home or dotfile that a group may write is used if the group is the user’s alone, or control/patrn says so',
  asRoot(),
  async (t) => {
    const it = await system()
    const { home, gids } = it
    const dotfile = (user: string, mode: number): void => {
      const path = join(home.userHome(user), '.qmail-x')
      writeFileSync(path, './Maildir/\n')
      chmodSync(path, mode)
      chownSync(path, private_, gids[user] as number)
    }
    for (const user of ['alone', 'team']) dotfile(user, 0o664)
    t.match(await outcome(it, 'alone-x'), /^success: /)
    t.match(
      await outcome(it, 'team-x'),
      /^deferral: Uh-oh: \.qmail file is writable for group \S+, which is not this user's alone; .*control\/patrn\. /,
    )
    for (const user of ['alone', 'team']) {
      dotfile(user, 0o644)
      chmodSync(home.userHome(user), 0o775)
    }
    const refused = /deferral: Uh-oh: home directory is writable for group \S+, which is not this user's alone; /
    t.match(await outcome(it, 'alone-x'), /^success: /)
    t.match(await outcome(it, 'team-x'), refused)
    t.match(await explained(home, 'team-x'), /deferred: Uh-oh: home directory is writable for group \S+, which is not this user's alone; /)
    home.control('patrn', '002\n')
    t.match(await outcome(it, 'team-x'), /^success: /, 'as qmail has it')
    t.match(await explained(home, 'team-x'), 'note: control/patrn: homes and dotfiles may be written by any group')
    home.control('patrn', '022\n')
    t.match(await outcome(it, 'alone-x'), /^deferral: Uh-oh: home directory is writable for group \S+; control\/patrn forbids that/)
    home.control('patrn', 'yes\n')
    const bad = 'control/patrn line 1 is neither 002 nor 022'
    t.match(await outcome(it, 'alone-x'), `deferral: Uh-oh: home directory is writable for group ${private_}; ${bad}`)
    t.match(await explained(home, 'alone-x'), `note: ${bad}`)
    home.control('patrn', undefined)
    t.match(await outcome(it, 'team-x'), refused)
  },
)

t.test('an mbox or Maildir that another account owns or leads to is not used', asRoot(), async (t) => {
  const it = await system()
  const { home } = it
  const at = (path: string): string => join(home.userHome('alone'), path)
  const foreign = /belongs to .*uid 65534\)?, neither to this user nor to root/
  const own = (path: string, uid: number): void => lchownSync(at(path), uid, uid)
  for (const [name, line] of [
    ['box', './box'],
    ['far', './open/away/'],
    ['deep', './open/away/box'],
  ]) {
    writeFileSync(at(`.qmail-${name}`), `${line}\n`)
  }
  for (const part of ['Maildir', 'Maildir/tmp', 'Maildir/new']) {
    own(part, stranger)
    const report = await outcome(it, 'alone')
    t.match(report, `deferral: Unable to chdir to maildir: ./${part}`)
    t.match(report, foreign)
    t.match(await explained(home, 'alone'), foreign)
    own(part, private_)
  }
  writeFileSync(at('box'), '')
  own('box', stranger)
  chmodSync(at('box'), 0o666)
  const report = await outcome(it, 'alone-box')
  t.match(report, 'deferral: Unable to open ./box: ./box belongs to ')
  t.match(report, foreign)
  t.match(await explained(home, 'alone-box'), foreign)
  t.equal(readFileSync(at('box'), 'latin1'), '')
  mkdirSync(at('open'), { mode: 0o777 })
  chmodSync(at('open'), 0o777)
  symlinkSync(at('Maildir'), at('open/away'))
  own('open/away', stranger)
  t.match(await outcome(it, 'alone-far'), /^deferral: Unable to chdir to maildir: \S+ is reached by a symbolic link of another account: /)
  t.match(await outcome(it, 'alone-deep'), /^deferral: Unable to open \S+: \S+ is reached by a symbolic link of another account: /)
  t.same(readdirSync(at('Maildir')).sort(), ['cur', 'new', 'tmp'])
  t.same(readdirSync(at('Maildir/new')), [])
  t.match(await outcome(it, 'alone'), /^success: /, 'and mail goes on')
})
