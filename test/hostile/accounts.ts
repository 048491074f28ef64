/** An account of a home that has fallen, and what root's programs make of what it has put in the way. */
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
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { amRoot, checkout, hostName } from '../support/home.ts'

const skip = !amRoot && 'only root can give files away'
const program = (name: string): string => join(checkout, 'bin', name)

/** Numbers of three accounts of the system that nobody logs in to. */
const systemAccounts = [...readFileSync('/etc/passwd', 'latin1').matchAll(/^[^:]*:[^:]*:([1-9]\d{0,2}):\d+:.*(?:nologin|false)$/gm)]
  .map((line) => Number(line[1]))
  .slice(0, 3)

interface Home {
  readonly directory: string
  readonly environment: Record<string, string>
  path(part: string): string
}

/** A home whose queue has accounts of its own, as make install left it before there was accounts/; and a directory like /etc beside it. */
async function oldHome(t: Test): Promise<Home> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'yabumi-accounts-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  const directory = join(root, 'home')
  const environment = { YABUMI_HOME: directory, PATH: '/usr/bin:/bin' }
  await execa(program('config-fast'), [hostName], { env: environment, extendEnv: false })
  const [queue, send, remote] = systemAccounts as [number, number, number]
  const own = (uid: number, parts: string[]) => execa('chown', ['-R', String(uid), ...parts.map((part) => join(directory, 'queue', part))])
  await own(queue, ['.'])
  await own(send, ['info', 'local', 'remote', 'bounce', 'lock/sendmutex', 'lock/trigger'])
  await own(remote, ['lock/tcpto'])
  const etc = join(root, 'etc')
  mkdirSync(etc)
  writeFileSync(join(etc, 'passwd'), 'root\n', { mode: 0o600 })
  return { directory, environment, path: (part) => join(root, part) }
}

/** Run start; a fault may leave it running. @returns what it said before it ended, or who send became */
async function start({ directory, environment }: Home): Promise<string> {
  const child = execa(program('start'), ['./Maildir/'], {
    env: environment,
    extendEnv: false,
    reject: false,
    buffer: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let runs = false
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
  })
  child.stdout.on('data', () => {
    runs = true
    const uid = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1]
    said += `send runs as uid ${uid} in ${directory}`
    child.kill('SIGTERM')
  })
  await child
  return runs ? said : said.trimEnd()
}

t.test("root becomes nobody that the queue's account has chosen", { skip }, async (t) => {
  const kinds: [name: string, plant: (home: Home) => void, said: RegExp][] = [
    [
      'queue/info is a link to a directory of root',
      ({ directory, path }) => {
        rmSync(join(directory, 'queue/info'), { recursive: true })
        symlinkSync(path('etc'), join(directory, 'queue/info'))
      },
      /queue\/info: it is a link/,
    ],
    [
      'queue/lock/tcpto is a second name of a file of another account',
      ({ directory, path }) => {
        rmSync(join(directory, 'queue/lock/tcpto'))
        chownSync(path('etc/passwd'), 65_534, 65_534)
        linkSync(path('etc/passwd'), join(directory, 'queue/lock/tcpto'))
      },
      /queue\/lock\/tcpto: it has another name/,
    ],
    [
      "queue/info is root's",
      ({ directory }) => chownSync(join(directory, 'queue/info'), 0, 0),
      /parts of .* are root's and others are not/,
    ],
  ]
  for (const [name, plant, said] of kinds) {
    const home = await oldHome(t)
    plant(home)
    t.match(await start(home), said, name)
    t.notOk(existsSync(join(home.directory, 'accounts')), `${name}: nothing is settled`)
  }
  const home = await oldHome(t)
  t.match(await start(home), `send runs as uid ${systemAccounts[1]} `, 'as it should be')
  rmSync(join(home.directory, 'queue/info'), { recursive: true })
  await execa('cp', ['-a', join(home.directory, 'queue/local'), join(home.directory, 'queue/info')])
  await execa('chown', ['-R', String(systemAccounts[0]), join(home.directory, 'queue/info')])
  await execa('chmod', ['-R', '0777', join(home.directory, 'queue/info')])
  t.match(await start(home), `send runs as uid ${systemAccounts[1]} `, 'and what owners say later counts for nothing')
  t.equal(lstatSync(join(home.directory, 'accounts/send')).uid, systemAccounts[1])
})

t.test('an accounts/ that others may write is not believed', { skip }, async (t) => {
  const home = await oldHome(t)
  await start(home)
  chmodSync(join(home.directory, 'accounts'), 0o777)
  t.match(await start(home), /accounts says who is who, and somebody else than root may change that/)
  chmodSync(join(home.directory, 'accounts'), 0o755)
  t.match(await start(home), /send runs as uid [1-9]/)
})

t.test("config-fast makes nothing where the queue's account leads it", { skip }, async (t) => {
  const home = await oldHome(t)
  await execa('mv', [join(home.directory, 'queue/mess'), join(home.directory, 'queue/away')])
  symlinkSync(home.path('etc'), join(home.directory, 'queue/mess'))
  const { exitCode } = await execa(program('config-fast'), [hostName], { env: home.environment, extendEnv: false, reject: false })
  t.same(readdirSync(home.path('etc')), ['passwd'])
  t.equal(exitCode, 111)
})

t.test("config-fast makes no home where a user's link leads", { skip }, async (t) => {
  const home = await oldHome(t)
  mkdirSync(home.path('user'))
  symlinkSync(home.path('etc'), home.path('user/mail'))
  await execa('chown', ['-hR', '65534:65534', home.path('user')])
  const env = { ...home.environment, YABUMI_HOME: home.path('user/mail') }
  const { exitCode } = await execa(program('config-fast'), [hostName], { env, extendEnv: false, reject: false })
  t.same(readdirSync(home.path('etc')), ['passwd'])
  t.equal(exitCode, 111)
})
