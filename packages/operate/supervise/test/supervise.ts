import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { serverDataMegabytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'

const supervise = join(import.meta.dirname, '../../../../bin/supervise')
const fake = join(import.meta.dirname, 'fixtures/fake')
const noStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0 ? false : 'strace is not installed or may not trace'
const servers = ['--smtp', '127.0.0.1:25', '--smtp', '[::1]:25', '--pop3', '127.0.0.1:110']

/** A home whose programs are fakes. */
function fakeHome(test: Test): string {
  const home = mkdtempSync(join(tmpdir(), 'supervise-'))
  test.teardown(() => rmSync(home, { recursive: true }))
  for (const directory of ['bin', 'control', 'queue']) mkdirSync(join(home, directory))
  writeFileSync(join(home, 'control/me'), 'me.example\n')
  for (const name of ['queue', 'start', 'smtpd', 'popup', 'recipientd', 'authd', 'sessiond', 'daily'])
    symlinkSync(fake, join(home, 'bin', name))
  return home
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

class Run {
  readonly home: string
  readonly child
  log = ''
  ready = ''

  constructor(test: Test, home: string, args: string[] = [], env: Record<string, string> = {}, tracer: string[] = []) {
    this.home = home
    const [file = supervise, ...words] = [...tracer, supervise]
    this.child = execa(file, [...words, '--ready-fd', '3', ...args], {
      env: { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home, ...env },
      extendEnv: false,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      reject: false,
      buffer: false,
    })
    this.child.stderr.on('data', (text: Buffer) => {
      this.log += text.toString()
    })
    const third = this.child.stdio[3] as Readable
    third.on('data', (text: Buffer) => {
      this.ready += text.toString()
    })
    test.teardown(() => this.end('SIGKILL'))
  }

  async end(signal: NodeJS.Signals): Promise<number | undefined> {
    this.child.kill(signal)
    const { exitCode } = await this.child
    for (const pid of this.pids().values()) await until(() => !isAlive(pid))
    return exitCode
  }

  async up(): Promise<this> {
    await until(() => this.ready === '\n')
    return this
  }

  events(): string[] {
    const path = join(this.home, 'events')
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
  }

  pids(): Map<string, number> {
    const path = join(this.home, 'supervise/pids')
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
    return new Map(
      lines.filter((line) => line !== '').map((line): [string, number] => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]),
    )
  }

  call(name: string): string[] {
    return readFileSync(join(this.home, `${name}-call`), 'utf8')
      .trimEnd()
      .split('\n')
  }
}

/** A process that nobody has waited for yet is dead all the same. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

t.test('supervise starts queue first, then send and the servers, and says when all are ready', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  t.equal(run.events()[0], 'queue started')
  t.same([...run.pids().keys()].sort(), ['authd', 'popup', 'queue', 'recipientd', 'send', 'sessiond', 'smtpd'])
  t.equal(run.call('queue')[0], 'queue --listen --ready-fd 3')
  t.equal(run.call('start')[0], 'start ./Maildir/')
  t.equal(run.call('smtpd')[0], 'smtpd --listen 127.0.0.1:25 --listen [::1]:25 --ready-fd 3')
  t.equal(run.call('popup')[0], 'popup --listen 127.0.0.1:110 --ready-fd 3 me.example login bin/pop3d --delivered')
  t.equal(run.call('recipientd')[0], 'recipientd --ready-fd 3')
  t.equal(run.call('authd')[0], 'authd --ready-fd 3')
  t.equal(run.call('sessiond')[0], 'sessiond --ready-fd 3 bin/pop3d --delivered')
  t.equal(await run.end('SIGTERM'), 0)
})

t.test('supervise hands --smtp-rules to smtpd', async (t) => {
  const run = await new Run(t, fakeHome(t), [...servers, '--smtp-rules', 'control/smtp']).up()
  t.equal(run.call('smtpd')[0], 'smtpd --listen 127.0.0.1:25 --listen [::1]:25 --rules control/smtp --ready-fd 3')
})

t.test('supervise runs daily where control/daily is there', async (t) => {
  const home = fakeHome(t)
  writeFileSync(join(home, 'control/daily'), '00:00 acme\n')
  const run = await new Run(t, home).up()
  t.same([...run.pids().keys()].sort(), ['daily', 'queue', 'send'])
  t.equal(run.call('daily')[0], 'daily --ready-fd 3')
  t.equal(await run.end('SIGTERM'), 0)
})

t.test('supervise runs no server that was not asked for', async (t) => {
  const run = await new Run(t, fakeHome(t)).up()
  t.same([...run.pids().keys()].sort(), ['queue', 'send'])
  t.equal(await run.end('SIGINT'), 0)
})

t.test('supervise is not ready before every program is', async (t) => {
  const home = fakeHome(t)
  writeFileSync(join(home, 'popup-broken'), '')
  const run = new Run(t, home, servers)
  await until(() => run.events().filter((event) => event === 'popup started').length > 2)
  t.equal(run.ready, '')
  rmSync(join(home, 'popup-broken'))
  await run.up()
})

t.test('supervise takes the default delivery from its option, or from control/defaultdelivery', async (t) => {
  const home = fakeHome(t)
  writeFileSync(join(home, 'control/defaultdelivery'), '|preline procmail\n./Mailbox\n')
  const first = await new Run(t, home).up()
  t.same(first.call('start').slice(0, 2), ['start |preline procmail', './Mailbox'])
  await first.end('SIGTERM')
  const second = await new Run(t, home, ['--default-delivery', './Mail/']).up()
  t.equal(second.call('start')[0], 'start ./Mail/')
})

t.test('F11: programs get a clean environment, QMAILLOCAL and QMAILREMOTE in it', async (t) => {
  const env = { SECRET: 'x', HOME: '/root', TZ: 'Asia/Tokyo', QMAILREMOTE: 'bin/other', QMAILLOCAL: 'bin/own', RELAYCLIENT: '' }
  const run = await new Run(t, fakeHome(t), servers, env).up()
  for (const name of ['queue', 'start', 'smtpd', 'popup', 'recipientd', 'authd', 'sessiond']) {
    const names = run
      .call(name)
      .slice(1)
      .map((line) => line.split('=')[0])
    t.same(names.sort(), ['PATH', 'QMAILLOCAL', 'QMAILREMOTE', 'TZ', 'YABUMI_HOME'], name)
  }
  t.match(run.call('start').join('\n'), `PATH=${run.home}/bin:`)
})

/** Make a fake take so many MiB of memory before it begins, as dd does for its block; those that it got stand in `NAME-took`. */
function makeGreedy(home: string, name: string, ...megabytes: number[]): void {
  const path = join(home, 'bin', name)
  mkdirSync(join(home, 'bin/fakes'), { recursive: true })
  symlinkSync(fake, join(home, 'bin/fakes', name))
  rmSync(path)
  const take = `for n in ${megabytes.join(' ')}; do dd if=/dev/null of=/dev/null bs=\${n}M count=1 && echo $n >>${name}-took; done 2>/dev/null`
  writeFileSync(path, `#!/bin/sh\n: >${name}-took\n${take}\nexec bin/fakes/${name} "$@"\n`, { mode: 0o755 })
}

t.test('servers get so much memory and no more, send any, for the programs of users', async (t) => {
  const home = fakeHome(t)
  const names = ['queue', 'smtpd', 'popup', 'recipientd', 'authd', 'sessiond', 'start']
  for (const name of names) makeGreedy(home, name, serverDataMegabytes - 1, serverDataMegabytes)
  const took = (name: string) => readFileSync(join(home, `${name}-took`), 'utf8').split('\n', 2)
  await new Run(t, home, servers).up()
  for (const name of names.slice(0, -1)) t.same(took(name), [`${serverDataMegabytes - 1}`, ''], name)
  t.same(took('start'), [`${serverDataMegabytes - 1}`, `${serverDataMegabytes}`])
})

t.test('a limit that an operator has set for all programs stays', async (t) => {
  const home = fakeHome(t)
  makeGreedy(home, 'smtpd', 999, 1000)
  await new Run(t, home, servers, {}, ['/bin/sh', '-c', 'ulimit -S -d 1024000; exec "$@"', 'sh']).up()
  t.equal(readFileSync(join(home, 'smtpd-took'), 'utf8'), '999\n')
})

t.test('a relative YABUMI_HOME is as good as an absolute one', async (t) => {
  const home = fakeHome(t)
  const run = await new Run(t, home, [], { YABUMI_HOME: join('../../../../../../..', home) }).up()
  t.match(run.call('queue').join('\n'), `YABUMI_HOME=${home}\n`)
})

t.test('log lines are marked with their program once', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  t.match(run.log, /^send: status: local 0\/10 remote 0\/20$/m)
  t.match(run.log, /^send: start: fake is up$/m)
  t.match(run.log, /^smtpd: fake is up$/m)
})

t.test('log lines are printable, whatever a program says', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  await until(() => /^smtpd: wrong/m.test(run.log))
  t.match(run.log, /^smtpd: wrong _\[31m_smtpd$/m)
  t.notMatch(run.log, /[^ -~\n]/)
})

t.test('all that a program says is passed on, whole and in order, before the line that says that it has ended', async (t) => {
  const home = fakeHome(t)
  const count = 20_000 // more than a pipe holds
  rmSync(join(home, 'bin/start'))
  writeFileSync(
    join(home, 'bin/start'),
    `#!/bin/sh\nseq ${count}; i=0; while [ $i -lt 100 ]; do i=$((i + 1)); echo slow $i; done; exit 7\n`,
    { mode: 0o755 },
  )
  const run = new Run(t, home)
  await until(() => run.log.includes('supervise: send ended: exit code 7'))
  const lines = run.log.slice(0, run.log.indexOf('supervise: send ended')).split('\n')
  const said = [...Array.from({ length: count }, (_, n) => `${n + 1}`), ...Array.from({ length: 100 }, (_, n) => `slow ${n + 1}`)]
  t.same(
    lines.filter((line) => /^send: (?:slow )?[0-9]+$/.test(line)),
    said.map((line) => `send: ${line}`),
  )
})

t.test('what dies is started again, after pauses that grow', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  for (const [round, pause] of ['0.1', '0.2', '0.4'].entries()) {
    await until(() => run.pids().has('smtpd'))
    const before = run.pids().get('smtpd') as number
    process.kill(-before, 'SIGKILL') // with what it started
    await until(() => run.log.includes(`supervise: smtpd ended: killed by SIGKILL; starting it again in ${pause} s`))
    await until(() => run.events().filter((event) => event === 'smtpd started').length === round + 2)
    await until(() => ![before, undefined].includes(run.pids().get('smtpd')))
  }
  t.equal(run.events().filter((event) => event === 'queue started').length, 1, 'the others are left alone')
})

t.test('a program that ends by itself is started again, whatever its exit code', async (t) => {
  const home = fakeHome(t)
  writeFileSync(join(home, 'start-broken'), '')
  const run = new Run(t, home)
  await until(() => /send ended: exit code 7; starting it again/.test(run.log))
  rmSync(join(home, 'start-broken'))
  await run.up()
})

t.test('a program that cannot be run is named', async (t) => {
  const home = fakeHome(t)
  rmSync(join(home, 'bin/queue'))
  const run = new Run(t, home)
  await until(() => run.log.includes('queue ended: unable to run bin/queue: file does not exist; starting it again'))
  t.equal(await run.end('SIGTERM'), 0)
})

t.test('supervise goes on when it cannot write down what runs', async (t) => {
  const home = fakeHome(t)
  mkdirSync(join(home, 'supervise/pids.new'), { recursive: true }) // as a full disk would
  const run = await new Run(t, home).up()
  t.match(run.log, /^supervise: unable to write supervise\/pids: /m)
  t.equal(await run.end('SIGTERM'), 0)
})

t.test('HUP and ALRM go to send and to nobody else', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  run.child.kill('SIGHUP')
  await until(() => run.events().includes('start HUP'))
  run.child.kill('SIGALRM')
  await until(() => run.events().includes('start ALRM'))
  t.same(
    run.events().filter((event) => /HUP|ALRM/.test(event)),
    ['start HUP', 'start ALRM'],
  )
})

t.test('at the end listeners and send leave first, then queue, then whom they asked, and supervise after all', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  t.equal(await run.end('SIGTERM'), 0)
  const ends = run.events().filter((event) => event.endsWith('TERM'))
  t.same(ends.slice(0, 3).sort(), ['popup TERM', 'smtpd TERM', 'start TERM'])
  t.same(ends.slice(3), ['queue TERM', 'recipientd TERM', 'authd TERM', 'sessiond TERM'])
  t.notOk(existsSync(join(run.home, 'supervise/pids')))
})

t.test('a second TERM kills what did not leave at the first', async (t) => {
  const home = fakeHome(t)
  writeFileSync(join(home, 'start-stays'), '')
  const run = await new Run(t, home, servers).up()
  const pids = [...run.pids().values()]
  run.child.kill('SIGTERM')
  await until(() => run.events().includes('start TERM'))
  run.child.kill('SIGTERM')
  t.equal((await run.child).exitCode, 0)
  for (const pid of pids) await until(() => !isAlive(pid))
  t.match(run.log, 'told twice')
})

t.test('when supervise is killed its programs are told to leave', async (t) => {
  const run = await new Run(t, fakeHome(t), servers).up()
  const pids = run.pids()
  run.child.kill('SIGKILL')
  for (const pid of pids.values()) await until(() => !isAlive(pid))
  t.same(
    run
      .events()
      .filter((event) => event.endsWith('TERM'))
      .sort(),
    ['authd TERM', 'popup TERM', 'queue TERM', 'recipientd TERM', 'sessiond TERM', 'smtpd TERM', 'start TERM'],
  )
})

t.test('a program that begins when supervise is killed does not stay', { skip: noStrace }, async (t) => {
  const home = fakeHome(t)
  writeFileSync(join(home, 'start-kills'), '')
  // what supervise writes comes late, so that a program that did not wait would have begun before anybody knows of it
  const slow = ['strace', '-D', '-o', '/dev/null', '-e', 'inject=write,writev,sendmsg:delay_enter=100000']
  const run = new Run(t, home, [], {}, slow)
  await run.child
  const started = (): number[] =>
    run
      .events()
      .flatMap((event) => event.match(/^start is (\d+)$/)?.[1] ?? [])
      .map(Number)
  await until(() => started().length === 1)
  for (const pid of started()) await until(() => !isAlive(pid))
  await until(() => run.events().includes('start TERM'))
  t.match(run.events(), ['queue started', /^start is/])
})

t.test('two supervises do not run one home', async (t) => {
  const run = await new Run(t, fakeHome(t)).up()
  const second = new Run(t, run.home)
  t.equal((await second.child).exitCode, 111)
  t.match(second.log, /^supervise: \S+\/supervise\/lock is locked: another supervise runs this home; [^\n]+\n$/)
  t.same([...run.pids().keys()].sort(), ['queue', 'send'], 'the first goes on')
  await run.end('SIGKILL')
  await new Run(t, run.home).up()
})

t.test('what cannot work is one line that names it, and the exit code', async (t) => {
  const home = fakeHome(t)
  const complaint = async (args: string[], env: Record<string, string> = {}): Promise<[string, number | undefined]> => {
    const run = new Run(t, home, args, env)
    const { exitCode } = await run.child
    t.match(run.log, /^supervise: [^\n]+\n$/)
    return [run.log, exitCode]
  }
  t.match(await complaint(['--smpt', '127.0.0.1:25']), [/smpt/, 100])
  t.match(await complaint(['now']), [/now/, 100])
  t.match(await complaint(['--smtp', 'localhost:25']), [/localhost:25/, 100])
  t.match(await complaint(['--pop3', '::1:110']), [/::1:110/, 100])
  t.match(await complaint(['--smtp']), [/smtp/, 100])
  t.match(await complaint(['--smtp', '192.0.2.1:1']), [
    /^supervise: unable to listen on 192\.0\.2\.1:1: it is not an address of this host; .*\n$/,
    111,
  ])
  t.match(await complaint(['--ready-fd', 'three']), [/three/, 100])
  t.match(await complaint([], { YABUMI_HOME: '/no/such/home' }), [/\/no\/such\/home.*config-fast/, 111])
  rmSync(join(home, 'control/me'))
  t.match(await complaint([]), [/control\/me is missing.*config-fast/, 111])
  mkdirSync(join(home, 'control/me'))
  t.match(await complaint([]), [/control\/me: is a directory/, 111])
  rmSync(join(home, 'control/me'), { recursive: true })
  writeFileSync(join(home, 'control/me'), 'me.example\n')
  rmSync(join(home, 'queue'), { recursive: true })
  t.match(await complaint([]), [/queue: file does not exist.*config-fast/, 111])
})

t.test(
  'a home of somebody else is refused by name',
  { skip: process.getuid?.() !== 0 && 'only root can become somebody else' },
  async (t) => {
    const home = fakeHome(t)
    chmodSync(home, 0o755)
    const { stderr, exitCode } = await execa(supervise, [], { env: { YABUMI_HOME: home }, uid: 65_534, gid: 65_534, reject: false })
    t.match(stderr, /queue belongs to uid 0, and this is uid 65534; run supervise as that account or as root/)
    t.equal(exitCode, 111)
  },
)
