/** quickstart as root: what is in the way, what it makes, that it may be run again; and the commands of docs/first-day.md. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { amRoot, type Cleaner, checkout } from '../../support/home.ts'
import { missing } from '../../support/programs.ts'
import { hasOwnEtc } from './ownetc.ts'
import { System } from './system.ts'

const portSmtp = 25
const address = 'anna@example.org'

/** In a host that systemd runs, as programs see it. */
const underSystemd = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec "$@"', 'sh']
const unit = '/etc/systemd/system/yabumi.service'

/** In a name space of the network, in which all ports are free. */
const ownNetwork = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
const skip = !amRoot ? 'only root makes a mail host' : missing('useradd', 'unshare', 'ip')

async function quickstart(
  home: string,
  args: readonly string[],
  options: { prefix?: string; input?: string; within?: readonly string[] } = {},
) {
  const [program = '', ...rest] = [...ownNetwork, ...(options.within ?? [])]
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', YABUMI_HOME: home, ACCOUNT_PREFIX: options.prefix ?? 'yn-' }
  const { exitCode, stdout, stderr } = await execa(program, [...rest, join(checkout, 'bin/quickstart'), ...args], {
    env,
    extendEnv: false,
    input: options.input ?? '',
    reject: false,
  })
  return { exitCode, stdout, stderr }
}

function scratch(cleaner: Cleaner): string {
  const top = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-first-day-'))
  cleaner.teardown(() => rmSync(top, { recursive: true, force: true }))
  return top
}

/** Everything below a directory: path, mode, owner, size and times. */
function picture(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isFIFO() && !entry.isSocket() && !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/queue(\/|$)|\/state\/|\/mailboxes\//.test(path))
    .map((path) => {
      const { mode, uid, gid, size, mtimeMs } = statSync(path)
      return `${path} ${mode.toString(8)} ${uid} ${gid} ${entrySize(path, size)} ${mtimeMs}`
    })
    .sort()
}

/** A directory's own size says nothing. */
function entrySize(path: string, size: number): number {
  return statSync(path).isDirectory() ? 0 : size
}

t.test('what is in the way is one line, and nothing is changed', { skip }, async (t) => {
  const top = scratch(t)
  const home = join(top, 'home')
  const refused = async (args: readonly string[], exitCode: number, words: RegExp, where = home): Promise<void> => {
    const answer = await quickstart(where, args)
    t.equal(answer.exitCode, exitCode, args.join(' '))
    t.match(answer.stderr, words)
    t.equal(answer.stderr.split('\n').length, 1, answer.stderr)
    t.notOk(existsSync(home))
  }
  await refused(['anna'], 100, /^quickstart: anna is no address/)
  await refused(['.anna@example.org'], 100, /no address/)
  await refused(['anna@example'], 100, /example is no domain/)
  await refused(['--host', 'mail', address], 100, /mail is not the full name/)
  await refused(['--relay', 'a b', address], 100, /a b is no relay/)
  await refused(['--relay-user', 'x', address], 100, /--relay-user goes with --relay/)
  await refused(['--relay', 'smtp.example.net', '--relay-user', 'x', address], 100, /the password of the relay is a line/)
  await refused([], 100, /usage: quickstart/)
  const other = join(top, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'file'), 'x')
  await refused([address], 111, /holds something that is no home of ours/, other)
  t.same(readdirSync(other), ['file'])
  const theirs = join(top, 'theirs')
  mkdirSync(theirs, { mode: 0o777 })
  await execa('chmod', ['777', theirs])
  await refused([address], 111, /is not root's alone/, theirs)
  const { exitCode, stderr } = await execa(join(checkout, 'bin/quickstart'), [address], {
    uid: 65_534,
    gid: 65_534,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', YABUMI_HOME: home },
    extendEnv: false,
    reject: false,
  })
  t.equal(exitCode, 100)
  t.equal(stderr, 'quickstart: only root can make a mail host of this machine; run quickstart as root')
})

t.test('a port that another program has is named, with the program', { skip }, async (t) => {
  const home = join(scratch(t), 'home')
  const server = createServer()
  const isMine = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(portSmtp, '127.0.0.1', () => resolve(true))
  })
  t.teardown(() => server.close())
  const answer = await execa(join(checkout, 'bin/quickstart'), [address], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', YABUMI_HOME: home },
    extendEnv: false,
    reject: false,
  })
  t.equal(answer.exitCode, 111)
  t.match(
    answer.stderr,
    isMine ? new RegExp(`^quickstart: port 25 is taken by .* \\(process ${process.pid}\\)`) : /^quickstart: port 25 is taken by /,
  )
  t.notOk(existsSync(home))
})

t.test('one command makes the home, proves it, and may be run again', { skip }, async (t) => {
  const system = new System(t)
  await system.make('install')
  const { home, accountPrefix: prefix } = system
  const dry = await quickstart(home, ['--dry-run', address], { prefix })
  t.equal(dry.exitCode, 0, dry.stderr)
  t.match(dry.stdout, /^mailbox: anna@example\.org \(mailbox add anna@example\.org --domain\)$/m)
  t.notOk(existsSync(join(home, 'control/me')), '--dry-run makes nothing')
  const first = await quickstart(home, [address], { prefix })
  t.equal(first.exitCode, 0, first.stderr)
  t.match(first.stdout, /^proof: sent with a login, carried out and back over TLS, fetched by POP3 over TLS$/m)
  t.match(first.stdout, /^proof: signed: rsa-sha256, ed25519-sha256; each is verified$/m)
  t.match(first.stdout, /^ {2}the password of anna@example\.org is \S{16}$/m)
  t.match(first.stdout, /^example\.org\. IN MX 10 mail\.example\.org\.$/m)
  t.match(first.stdout, /^Next: .*supervise --smtp 0\.0\.0\.0:25 |^Next: /m)
  t.same(
    readdirSync(home).filter((name) => name.startsWith('proof-')),
    [],
    'the copies are gone',
  )
  t.equal(readFileSync(join(home, 'alias/.qmail-example:org-abuse'), 'utf8'), `&${address}\n`)
  t.equal(readFileSync(join(home, 'alias/.qmail-root'), 'utf8'), `&${address}\n`)
  const checked = await system.make('check-install')
  t.equal(checked.exitCode, 0, checked.stdout)
  const before = picture(home)
  const again = await quickstart(home, [address], { prefix })
  t.equal(again.exitCode, 0, again.stderr)
  t.notMatch(again.stdout, /the password of/)
  t.match(again.stdout, /^mailbox: .*: done before$/m)
  t.same(picture(home), before, 'nothing of it is changed')
  const other = await quickstart(home, ['--host', 'mx.example.org', address], { prefix })
  t.equal(other.exitCode, 111)
  t.match(other.stderr, /control\/me says mail\.example\.org, and --host mx\.example\.org$/)
})

t.test('with a relay, whose password only remote reads', { skip }, async (t) => {
  const system = new System(t)
  await system.make('install')
  const { home, accountPrefix: prefix } = system
  const args = ['--relay', 'smtp.example.net:465', '--relay-user', 'joe', address]
  const answer = await quickstart(home, args, { prefix, input: 'geheim\n' })
  t.equal(answer.exitCode, 0, answer.stderr)
  t.equal(readFileSync(join(home, 'control/smtproutes'), 'utf8'), ':smtp.example.net:465\n')
  const path = join(home, 'control/routepasswords')
  t.equal(readFileSync(path, 'utf8'), 'smtp.example.net|joe|geheim\n')
  const group = (await execa('getent', ['group', `${prefix}remotekeys`])).stdout.split(':')[2]
  const { mode, uid, gid } = statSync(path)
  t.same({ mode: mode & 0o777, uid, gid }, { mode: 0o640, uid: 0, gid: Number(group) })
})

t.test(
  "systemd's unit is one that systemd accepts",
  {
    skip: skip || missing('systemd-analyze') || (!hasOwnEtc() && '/etc is not a copy here'),
  },
  async (t) => {
    const system = new System(t)
    await system.make('install')
    const { home, accountPrefix: prefix } = system
    const answer = await quickstart(home, [address], { prefix, within: underSystemd })
    t.equal(answer.exitCode, 0, answer.stderr)
    t.match(answer.stdout, /^services: files for systemd$/m)
    t.match(answer.stdout, /^Next: systemctl daemon-reload && systemctl enable --now yabumi$/m)
    const judged = await execa('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', unit], { reject: false, all: true })
    t.same({ code: judged.exitCode, said: judged.all }, { code: 0, said: '' })
    t.match(readFileSync(unit, 'utf8'), `\nExecStart=${home}/bin/supervise --smtp 0.0.0.0:25 --smtp [::]:25 `)
  },
)
