/**
 * install and config-fast, run by root, in homes whose parts have been replaced by their accounts: nothing is made, given away or changed where a
 * link leads.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { commonParts } from '@yabumi/newhome'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, type Cleaner, checkout, hostName } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { System } from './support/system.ts'

const asRoot = { skip: !amRoot ? 'only root can make accounts' : missing('useradd', 'userdel', 'setpriv') }

/** A directory of root's, as /etc is: what a link may lead to. */
function makeEtc(root: string): string {
  const etc = join(root, 'etc')
  mkdirSync(etc)
  for (const name of ['passwd', 'tcpto', 'me', 'sendmutex']) writeFileSync(join(etc, name), `of ${name}\n`, { mode: 0o600 })
  mkdirSync(join(etc, 'cron.d'), { mode: 0o750 })
  return etc
}

/** Everything that can be seen of a directory and what is below it. */
function stateOf(directory: string): string[] {
  return ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
    const path = join(directory, name)
    const { ino, mode, uid, gid, nlink, size, mtimeMs, ctimeMs } = lstatSync(path)
    return [name, ino, mode, uid, gid, nlink, size, mtimeMs, ctimeMs].join(' ')
  })
}

/** Put a link where a part is, as an account. @returns whether it could */
async function replace(path: string, target: string, { uid, gid }: { uid: number; gid: number }): Promise<boolean> {
  const script = 'mv "$0" "$0.away" && ln -s "$1" "$0"'
  const { exitCode } = await execa('setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', 'sh', '-c', script, path, target], {
    cwd: '/',
    reject: false,
  })
  return exitCode === 0
}

function putBack(path: string): void {
  rmSync(path)
  renameSync(`${path}.away`, path)
}

/** Each kind of part once: of the numbered directories the first and the last. */
const parts = commonParts().filter(({ path }) => !/\/(?:[1-9]|1\d|2[01])$/.test(path))

t.test('install and config-fast follow no link that an account has put in the place of a part', asRoot, async (t) => {
  const system = await System.make(t)
  const etc = makeEtc(system.root)
  const before = stateOf(etc)
  const replaced: string[] = []
  for (const { path, kind } of parts) {
    const owner = commonParts().find((part) => part.path === dirname(path))?.owner
    if (owner === undefined || owner === 'home' || owner === 'keys' || owner === 'certificates' || owner === 'correspondents') continue // the directory is root's own
    const here = join(system.home, path)
    const account = await system.account(owner === 'intake' ? 'queue' : owner)
    for (const target of kind === 'directory' ? [etc] : [join(etc, 'tcpto'), join(etc, 'new')]) {
      t.ok(await replace(here, target, account), `${owner} can replace ${path}`)
      replaced.push(path)
      t.match(await system.make('install', false), { exitCode: 111, stderr: here }, `install at ${path}`)
      await system.run('config-fast', [hostName], { reject: false })
      t.same(stateOf(etc), before, `${path} as a link to ${basename(target)}`)
      t.equal((await system.make('check-install')).exitCode, 1, path)
      putBack(here)
    }
  }
  t.ok(replaced.length > 20, `${replaced.length} parts were replaced`)

  await t.test('nor use a file that has another name', async (t) => {
    const here = join(system.home, 'queue/lock/tcpto')
    rmSync(here)
    linkSync(join(etc, 'passwd'), here)
    const linked = stateOf(etc)
    t.match(await system.make('install', false), { exitCode: 111, stderr: here })
    await system.run('config-fast', [hostName], { reject: false })
    t.same(stateOf(etc), linked)
    rmSync(here)
  })

  await t.test('nor make what is missing below a link', async (t) => {
    const queue = await system.account('queue')
    for (const directory of ['queue/lock', 'queue/mess', 'queue']) {
      const owner = directory === 'queue' ? { uid: 0, gid: 0 } : queue
      const now = stateOf(etc)
      t.ok(await replace(join(system.home, directory), etc, owner))
      t.match(await system.make('install', false), { exitCode: 111 }, directory)
      t.match(await system.run('config-fast', [hostName], { reject: false }), { exitCode: 111 }, directory)
      t.same(stateOf(etc), now, directory)
      putBack(join(system.home, directory))
    }
  })
  await system.make('install')
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' }, 'and with everything back all is well')
})

/** A scratch directory that belongs to a normal user. */
function userDirectory(cleaner: Cleaner): string {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-links-'))
  cleaner.teardown(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  mkdirSync(join(root, 'user'))
  chownSync(join(root, 'user'), 65_534, 65_534)
  return root
}

t.test("config-fast by root makes no home where a user's link leads", asRoot, async (t) => {
  const root = userDirectory(t)
  const etc = makeEtc(root)
  const before = stateOf(etc)
  symlinkSync(etc, join(root, 'user/mail'))
  symlinkSync(root, join(root, 'user/up'))
  for (const link of ['mail', 'up']) await execa('chown', ['-h', '65534:65534', join(root, 'user', link)])
  for (const home of ['user/mail', 'user/up/etc']) {
    const { exitCode, stderr } = await execa(join(checkout, 'bin/config-fast'), [hostName], {
      env: { YABUMI_HOME: join(root, home) },
      reject: false,
    })
    t.equal(exitCode, 111, home)
    t.match(stderr, /is a link of uid 65534's/)
    t.same(stateOf(etc), before, home)
  }
  await execa('ln', ['-s', 'real', join(root, 'mine')])
  mkdirSync(join(root, 'real'))
  await execa(join(checkout, 'bin/config-fast'), [hostName], { env: { YABUMI_HOME: join(root, 'mine/home') } })
  t.ok(existsSync(join(root, 'real/home/queue/mess/22')), "a link of root's is followed")
})

t.test("install by root writes nothing where a user's link leads", asRoot, async (t) => {
  const root = userDirectory(t)
  const etc = makeEtc(root)
  const before = stateOf(etc)
  symlinkSync(etc, join(root, 'user/usr'))
  await execa('chown', ['-h', '65534:65534', join(root, 'user/usr')])
  const bin = join(root, 'real/lib/yabumi/bin')
  mkdirSync(bin, { recursive: true })
  chownSync(bin, 65_534, 65_534)
  symlinkSync(join(etc, 'passwd'), join(bin, 'queue.new'))
  symlinkSync(join(etc, 'passwd'), join(bin, 'queue'))
  for (const [prefix, exitCode] of [
    [join(root, 'user/usr'), 111],
    [join(root, 'real'), 0],
  ] as const) {
    const system = new System(t, { PREFIX: prefix })
    t.match(await system.make('install', false), { exitCode }, prefix)
    t.same(stateOf(etc), before, prefix)
  }
  t.ok(lstatSync(join(bin, 'queue')).isFile())
  t.match(readFileSync(join(bin, 'queue'), 'latin1'), /^#!\/bin\/sh/)
})
