import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { bin, environmentOf, isRoot, myUid, scratchDirectory } from '../../../store/queue/test/support/scratch.ts'

function configure(home: string, ...args: string[]): { status: number | null; output: string; complaint: string } {
  const { status, stdout, stderr } = spawnSync(join(bin, 'config-fast'), args, { env: environmentOf(home) })
  return { status, output: String(stdout), complaint: String(stderr) }
}

/** Root is told that no account was made. */
const warning = isRoot
  ? "everything in it is root's, and every program of it runs as root: no account was made (make install makes them)\n"
  : ''

/** Everything about everything below a directory. */
function state(home: string): string[] {
  return readdirSync(home, { recursive: true, encoding: 'latin1' })
    .sort()
    .map((name) => {
      const { mode, uid, gid, ino, size, mtimeMs, ctimeMs } = lstatSync(join(home, name))
      return [name, mode, uid, gid, ino, size, mtimeMs, ctimeMs].join(' ')
    })
}

t.test('config-fast makes a home', async (t) => {
  const home = join(scratchDirectory(t), 'home')
  t.same(configure(home, 'mail.some.example'), {
    status: 0,
    output: `${home} is now a home for mail.some.example\n${warning}`,
    complaint: '',
  })
  const settings = {
    me: 'mail.some.example',
    defaultdomain: 'some.example',
    plusdomain: 'some.example',
    locals: 'mail.some.example',
    rcpthosts: 'mail.some.example',
    apop: '0',
  }
  for (const [name, value] of Object.entries(settings)) {
    t.equal(readFileSync(join(home, 'control', name), 'latin1'), `${value}\n`, name)
    t.equal(statSync(join(home, 'control', name)).mode & 0o7777, 0o644)
  }
  const modes: [string, number][] = [
    ['queue', 0o750],
    ['queue/pid', 0o700],
    ['queue/mess', 0o750],
    ['queue/mess/22', 0o750],
    ['queue/intd', 0o700],
    ['queue/todo', 0o750],
    ['queue/info/0', 0o700],
    ['queue/local/0', 0o700],
    ['queue/remote/22', 0o700],
    ['queue/bounce', 0o700],
    ['queue/lock', 0o750],
    ['queue/lock/sendmutex', 0o600],
    ['queue/lock/tcpto', 0o644],
    ['queue/lock/trigger', 0o622],
    ['control/servercert.pem', 0o600],
    ['alias', 0o2755],
    ['users', 0o755],
    ['control', 0o755],
  ]
  for (const [path, mode] of modes) t.equal(statSync(join(home, path)).mode & 0o7777, mode, path)
  t.ok(statSync(join(home, 'queue/lock/trigger')).isFIFO())
  t.same(readFileSync(join(home, 'queue/lock/tcpto')), Buffer.alloc(1_024))
  t.equal(statSync(join(home, 'queue/lock/sendmutex')).size, 0)
  t.same(readdirSync(join(home, 'queue')).sort(), ['bounce', 'info', 'intd', 'local', 'lock', 'mess', 'pid', 'remote', 'spare', 'todo'])
  for (const directory of ['mess', 'info', 'local', 'remote']) t.equal(readdirSync(join(home, 'queue', directory)).length, 23)
  t.equal(readlinkSync(join(home, 'bin')), bin)
  for (const name of ['postmaster', 'mailer-daemon', 'root'])
    t.match(readFileSync(join(home, `alias/.qmail-${name}`), 'latin1'), /^(&[a-z]\S*|\.\/Maildir\/)\n$/)
})

t.test('config-fast run twice changes nothing, and no setting of the operator', async (t) => {
  const home = join(scratchDirectory(t), 'home')
  configure(home, 'mail.some.example')
  writeFileSync(join(home, 'control/locals'), 'edited\n')
  const before = state(home)
  t.same(configure(home, 'mail.some.example'), { status: 0, output: `${home} is a home for mail.some.example\n${warning}`, complaint: '' })
  t.equal(
    configure(home, 'other.example').output,
    `${home} is a home for mail.some.example; control/me was there before and stays\n${warning}`,
  )
  t.same(state(home), before)
})

t.test('config-fast makes what is missing, and leaves a bin/ that is there', async (t) => {
  const home = join(scratchDirectory(t), 'home')
  mkdirSync(join(home, 'bin'), { recursive: true })
  mkdirSync(join(home, 'queue'), { mode: 0o755 })
  t.equal(configure(home, 'mail.some.example').status, 0)
  t.ok(lstatSync(join(home, 'bin')).isDirectory())
  t.equal(statSync(join(home, 'queue')).mode & 0o7777, 0o750)
  rmSync(join(home, 'queue/mess/3'), { recursive: true })
  rmSync(join(home, 'control/plusdomain'))
  t.equal(
    configure(home, 'mail.some.example').output,
    `${home} is a home for mail.some.example; what was missing in it is made (2)\n${warning}`,
  )
  t.ok(statSync(join(home, 'queue/mess/3')).isDirectory())
  t.ok(statSync(join(home, 'control/plusdomain')).isFile())
})

for (const [host, domain, plus] of [
  ['localhost', 'localhost', 'localhost'],
  ['some.example', 'some.example', 'some.example'],
  ['a.b.c.example', 'b.c.example', 'c.example'],
] as const) {
  t.test(`config-fast takes the domains of ${host} from its name`, async (t) => {
    const home = join(scratchDirectory(t), 'home')
    configure(home, host)
    t.equal(readFileSync(join(home, 'control/defaultdomain'), 'latin1'), `${domain}\n`)
    t.equal(readFileSync(join(home, 'control/plusdomain'), 'latin1'), `${plus}\n`)
  })
}

for (const args of [
  [],
  ['a.example', 'b.example'],
  ['two words'],
  [''],
  ['a..b'],
  ['.a'],
  ['a.'],
  ['-x'],
  ['a\nb'],
  ['a@b'],
  [`${'a.'.repeat(130)}a`],
  ['--nonsense', 'a.example'],
]) {
  t.test(`config-fast ${JSON.stringify(args).slice(0, 40)} exits 100 with one line and makes nothing`, async (t) => {
    const directory = scratchDirectory(t)
    const { status, output, complaint } = configure(join(directory, 'home'), ...args)
    t.equal(status, 100)
    t.equal(output, '')
    t.match(complaint, /^config-fast: .+\n$/)
    t.same(readdirSync(directory), [])
  })
}

t.test('config-fast exits 111 with one line where it cannot make the home', async (t) => {
  const directory = scratchDirectory(t)
  writeFileSync(join(directory, 'file'), '')
  t.same(
    configure(join(directory, 'none/home'), 'a.example').complaint,
    `config-fast: unable to make ${directory}/none/home: file does not exist\n`,
  )
  t.same(
    configure(join(directory, 'file'), 'a.example').complaint,
    `config-fast: unable to use ${directory}/file as a home: not a directory\n`,
  )
  mkdirSync(join(directory, 'home'))
  writeFileSync(join(directory, 'home/queue'), '')
  const { status, complaint } = configure(join(directory, 'home'), 'a.example')
  t.equal(status, 111)
  t.equal(complaint, `config-fast: unable to make ${directory}/home/queue/pid: not a directory\n`)
})

t.test('config-fast as root gives the home to the owner of its directory', { skip: !isRoot && 'needs root' }, async (t) => {
  const directory = scratchDirectory(t)
  const home = join(directory, 'home')
  mkdirSync(home)
  chownSync(home, 65_534, 65_534)
  t.equal(configure(home, 'a.example').status, 0)
  const foreign = execFileSync('find', [home, '!', '-uid', '65534'])
  t.equal(String(foreign), '')
})

t.test('config-fast by somebody else names the owner', { skip: !isRoot && 'needs root' }, async (t) => {
  const home = join(scratchDirectory(t), 'home')
  mkdirSync(home)
  chmodSync(dirname(home), 0o755)
  chownSync(home, 65_534, 65_534)
  configure(home, 'a.example')
  const stranger = spawnSync(join(bin, 'config-fast'), ['a.example'], { env: environmentOf(home), uid: 65_533, gid: 65_533 })
  t.equal(
    String(stranger.stderr),
    `config-fast: ${home}/queue belongs to uid 65534, and this is uid 65533; run config-fast as that account or as root\n`,
  )
  t.equal(stranger.status, 111)
})

t.test('config-fast as root follows no link that the owner of the directory has made', { skip: !isRoot && 'needs root' }, async (t) => {
  const directory = scratchDirectory(t)
  const home = join(directory, 'home')
  mkdirSync(home)
  mkdirSync(join(directory, 'elsewhere'))
  symlinkSync(join(directory, 'elsewhere'), join(home, 'control'))
  chownSync(home, 65_534, 65_534)
  t.equal(configure(home, 'a.example').status, 111)
  t.same(readdirSync(join(directory, 'elsewhere')), [])
})

t.test(
  'config-fast as root keeps the mail for root in alias/, which belongs to another account',
  { skip: !isRoot && 'needs root' },
  async (t) => {
    const home = join(scratchDirectory(t), 'home')
    configure(home, 'a.example')
    t.equal(readFileSync(join(home, 'alias/.qmail-root'), 'latin1'), './Maildir/\n')
    for (const path of ['alias', 'alias/Maildir', 'alias/Maildir/new']) t.not(statSync(join(home, path)).uid, 0, path)
    t.equal(statSync(join(home, 'alias/.qmail-root')).uid, myUid)
    t.equal(statSync(join(home, 'queue')).uid, myUid)
  },
)
