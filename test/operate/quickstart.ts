/** make start by root, in a copy of the checkout: with accounts of its own where they can reach it. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Role, roles } from '@yabumi/home'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, type Cleaner, checkout } from '../support/home.ts'
import { below } from '../support/processes.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { linkModules } from './support/before.ts'

const asRoot = { skip: !amRoot ? 'only root can make accounts' : missing('useradd', 'userdel') }
const prefix = `yq${process.pid.toString(36)}-`

/** What of a checkout make start needs, and nothing that has been made in it. */
function copyCheckout(cleaner: Cleaner, mode: number): string {
  const top = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-start-'))
  cleaner.teardown(() => rmSync(top, { recursive: true, force: true }))
  chmodSync(top, mode)
  const copy = join(top, 'yabumi')
  mkdirSync(copy, { mode: 0o755 })
  for (const name of ['bin', 'dist', 'packages', 'package.json']) {
    cpSync(join(checkout, name), join(copy, name), { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('/test') })
  }
  for (const name of ['queue', 'users', 'alias', 'control']) mkdirSync(join(copy, name))
  symlinkSync(join(checkout, '.runtime'), join(copy, '.runtime'))
  linkModules(copy)
  return copy
}

/** What everybody may write in the parts that make start has made, queue/ and sockets aside. */
function writableForAll(copy: string): string[] {
  const names = ['accounts', 'alias', 'control', 'state', 'supervise', 'users'].flatMap((part) =>
    readdirSync(join(copy, part), { recursive: true, encoding: 'utf8' }).map((name) => join(part, name)),
  )
  return names.filter((name) => (statSync(join(copy, name)).mode & 0o002) !== 0)
}

async function removeAccounts(): Promise<void> {
  for (const role of roles) await execa('userdel', ['--force', `${prefix}${role}`], { reject: false })
  for (const group of [...[...roles, 'keys', 'remotekeys'].map((name) => `${prefix}${name}`), prefix.slice(0, -1)])
    await execa('groupdel', [group], { reject: false })
}

const here = (copy: string) => join(copy, 'packages/workshop/build/src/here.ts')

/** Run it until it says that it runs. */
async function start(cleaner: Cleaner, copy: string) {
  const env = { PATH: process.env['PATH'] ?? '', ACCOUNT_PREFIX: prefix }
  const child = execa(process.execPath, [here(copy)], {
    cwd: copy,
    env,
    extendEnv: false,
    reject: false,
    buffer: false,
    all: true,
  })
  let text = ''
  let hasEnded = false
  child.all.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
  })
  void child.then(() => {
    hasEnded = true
  })
  cleaner.teardown(async () => {
    child.kill('SIGTERM')
    await child
  })
  await until(
    () => `it runs; so far:\n${text}`,
    () => hasEnded || text.includes('Ctrl-C ends it'),
  )
  return { pid: child.pid ?? 0, said: () => text }
}

t.test('make start by root gives the checkout accounts, and runs each program as its own', asRoot, async (t) => {
  t.teardown(removeAccounts)
  const copy = copyCheckout(t, 0o755)
  const { pid, said } = await start(t, copy)
  t.match(said(), new RegExp(`made account ${prefix}queue\n`))
  t.same(readdirSync(join(copy, 'accounts')).sort(), [...roles, 'keys'].sort())
  const uid = (role: Role): number => statSync(join(copy, 'accounts', role)).uid
  t.equal(new Set([...roles.map(uid), 0]).size, roles.length + 1, 'all are different, and none is root')
  const expected: [program: string, role: Role][] = [
    ['queue', 'queue'],
    ['send', 'send'],
    ['smtpd', 'smtp'],
  ]
  for (const [program, role] of expected) {
    const process = below(pid).find((one) => one.program === program)?.pid
    t.match(readFileSync(`/proc/${process}/status`, 'latin1'), `Uid:\t${uid(role)}\t`, program)
  }
  t.same(writableForAll(copy), [], 'nobody else writes users/assign, or a setting')
  const running = below(pid).find((one) => one.program === 'smtpd')?.pid
  t.match(readFileSync(`/proc/${running}/status`, 'latin1'), 'Umask:\t0022\n', 'nor what a program makes that starts from here')
  const me = readFileSync(join(copy, 'control/me'), 'latin1').trim()
  const env = { PATH: process.env['PATH'] ?? '' }
  await execa(join(copy, 'bin/inject'), [`guest@${me}`], {
    input: 'Subject: hello\n\nx\n',
    env,
    extendEnv: false,
    uid: 65_534,
    gid: 65_534,
    cwd: '/',
  })
  await until('the message', () => readdirSync(join(copy, 'users/guest/Maildir/new')).length === 1)
  const passwords = (): string => readFileSync(join(copy, 'state/auth/passwords'), 'latin1')
  const before = passwords()
  t.match(before, /^guest:/m)
  const { stdout } = await execa(process.execPath, [here(copy)], { cwd: copy, env: { PATH: process.env['PATH'] ?? '' }, extendEnv: false })
  t.match(stdout, /^yabumi runs in .* already, by process \d+; nothing is changed\./, 'a second one says so')
  t.equal(passwords(), before, 'and leaves the password')
})

t.test('make start by root where no other account can go makes none, and says that everything runs as root', asRoot, async (t) => {
  t.teardown(removeAccounts)
  const copy = copyCheckout(t, 0o700)
  const { said } = await start(t, copy)
  await until('start says so', () => /everything in .* is root's/.test(said()))
  t.notOk(existsSync(join(copy, 'accounts')))
  t.notMatch(said(), /made account/)
})
