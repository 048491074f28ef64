/** start, with real programs and with small ones in their places. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeFifo } from '@yabumi/posix'
import t from 'tap'

const checkout = resolve(import.meta.dirname, '../../../../bin')

/** A scratch home. `programs`: shell scripts in bin/; what is not there is the checkout's, unless it is null. */
class Home {
  readonly path: string = mkdtempSync(join(tmpdir(), 'start-'))

  constructor(programs: Record<string, string | null> = {}) {
    chmodSync(this.path, 0o777)
    for (const name of ['pid', 'intd', 'todo', 'bounce', 'lock']) mkdirSync(join(this.path, 'queue', name), { recursive: true })
    for (const name of ['mess', 'info', 'local', 'remote']) {
      for (let n = 0; n < 23; n += 1) mkdirSync(join(this.path, 'queue', name, String(n)), { recursive: true })
    }
    for (const name of ['control', 'alias', 'users', 'bin']) mkdirSync(join(this.path, name))
    writeFileSync(join(this.path, 'queue/lock/sendmutex'), '')
    writeFileSync(join(this.path, 'queue/lock/tcpto'), Buffer.alloc(1024))
    makeFifo(join(this.path, 'queue/lock/trigger'), 0o622)
    writeFileSync(join(this.path, 'control/me'), 'me.test\n')
    for (const name of readdirSync(checkout))
      if (!name.startsWith('.') && !(name in programs)) symlinkSync(join(checkout, name), join(this.path, 'bin', name))
    for (const [name, script] of Object.entries(programs)) if (script !== null) this.script(`bin/${name}`, script)
  }

  script(name: string, body: string): void {
    writeFileSync(join(this.path, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(this.path, name), 0o755)
  }

  read(name: string): string {
    return readFileSync(join(this.path, name)).toString('latin1')
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name))
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

class Running {
  readonly child: ChildProcess
  log = ''
  complaints = ''
  readonly #closed: Promise<number | string>

  constructor(home: Home, args: string[] = ['./Mailbox'], env: Record<string, string> = {}, file = join(checkout, 'start')) {
    this.child = spawn(file, args, {
      env: { PATH: process.env['PATH'] ?? '', YABUMI_HOME: home.path, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (bytes: Buffer) => {
      this.log += bytes.toString('latin1')
    })
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.complaints += bytes.toString('latin1')
    })
    this.#closed = new Promise((done) => this.child.once('close', (code, signal) => done(code ?? (signal as string))))
  }

  /** Every process that start has left running, and start itself. */
  family(): number[] {
    const pid = this.child.pid as number
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number)
    return [pid, ...children]
  }

  /** Exit code or signal, once nobody holds descriptors 1 and 2 any more: that is, once all have left. */
  ended(): Promise<number | string> {
    return this.#closed
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal)
    return this.ended()
  }
}

/** Open descriptors of a process and what they are. */
function descriptors(pid: number): [fd: number, target: string][] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [[Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`)]]
    } catch {
      return [] // closed since it was listed
    }
  })
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 10))
}

/** Write to a FIFO if somebody waits for it. */
function feed(fifo: string, text: string): void {
  try {
    const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    writeSync(fd, text)
    closeSync(fd)
  } catch {
    // nobody reads
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false
  }
}

function listens(home: Home): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(join(home.path, 'queue.sock'))
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** A spawn program that takes everything and says nothing. */
const silent = 'printf x; cat >/dev/null'

t.test('start becomes send, with its programs beside it, and all leave together', async (t) => {
  const home = new Home()
  const running = new Running(home)
  await until(() => running.log !== '')
  t.equal(running.log, 'status: local 0/10 remote 0/20\n')
  const family = running.family()
  const names = family.map((pid) => /^yabumi-(\w+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))?.[1])
  t.same(names.sort(), ['clean', 'lspawn', 'queue', 'rspawn', 'send'])
  await until(() => listens(home))
  t.equal(await running.stop(), 0)
  t.match(running.log, /status: exiting\n$/)
  await until(() => !family.some(isRunning))
  t.match(running.complaints, process.getuid?.() === 0 ? /^start: everything in .* is root's, .*; make install .*\n$/ : /^$/)
  home.remove()
})

t.test('when send is killed, everything that start has started leaves', async (t) => {
  const home = new Home()
  const running = new Running(home)
  await until(() => running.log !== '')
  await until(() => listens(home))
  const family = running.family()
  t.equal(family.length, 5)
  t.equal(await running.stop('SIGKILL'), 'SIGKILL')
  await until(() => !family.some(isRunning))
  home.remove()
})

t.test('a queue that listens already is left alone', async (t) => {
  const home = new Home()
  const queue = spawn(join(checkout, 'queue'), ['--listen'], { env: { YABUMI_HOME: home.path }, stdio: 'ignore' })
  await until(() => listens(home))
  const running = new Running(home)
  await until(() => running.log !== '')
  t.equal(running.family().length, 4)
  await running.stop()
  t.ok(await listens(home))
  queue.kill()
  home.remove()
})

t.test('no program holds an end of a pipe that is not its own', async (t) => {
  const home = new Home()
  const running = new Running(home)
  await until(() => running.log !== '')
  const [send, ...children] = running.family() as [number, ...number[]]
  const pipes = new Map(
    descriptors(send)
      .filter(([fd]) => fd >= 1 && fd <= 7)
      .map(([fd, target]) => [target, fd]),
  )
  t.equal(pipes.size, 7)
  const held = children.map((pid) =>
    descriptors(pid)
      .flatMap(([fd, target]) => (pipes.has(target) ? `${fd}=${pipes.get(target)}` : []))
      .join(' '),
  )
  t.same(held.sort(), ['0=1 1=2', '0=3 1=4', '0=5 1=6', '3=7'])
  await running.stop()
  home.remove()
})

t.test('lspawn gets the default delivery, byte for byte', async (t) => {
  const home = new Home({ lspawn: `printf '%s' "$1" >arg; ${silent}`, rspawn: silent })
  const running = new Running(home, ['|one  "two"\n./Maildir/'])
  await until(() => running.log !== '')
  await running.stop()
  t.equal(home.read('arg'), '|one  "two"\n./Maildir/')
  home.remove()
})

t.test('the default delivery is ./Mailbox', async (t) => {
  const home = new Home({ lspawn: `printf '%s' "$1" >arg; ${silent}`, rspawn: silent })
  const running = new Running(home, [])
  await until(() => running.log !== '')
  await running.stop()
  t.equal(home.read('arg'), './Mailbox')
  home.remove()
})

t.test('a logger reads the log and writes where start would have', async (t) => {
  const home = new Home({ lspawn: silent, rspawn: silent })
  const running = new Running(home, ['./Mailbox', '/bin/sh', '-c', 'while read -r line; do echo "$0: $line"; done; echo end', 'logger'])
  await until(() => running.log !== '')
  t.equal(await running.stop(), 0)
  t.equal(running.log, 'logger: status: local 0/10 remote 0/20\nlogger: status: exiting\nend\n')
  home.remove()
})

t.test('a program is looked for in bin/ under both names, then in PATH under the prefixed one', async (t) => {
  const note = (place: string): string => `echo ${place} >>found; ${silent}`
  const home = new Home({ lspawn: null, 'qmail-lspawn': note('bin'), rspawn: null })
  mkdirSync(join(home.path, 'elsewhere'))
  for (const name of ['lspawn', 'rspawn', 'qmail-lspawn', 'qmail-rspawn']) home.script(`elsewhere/${name}`, note(`elsewhere-${name}`))
  const PATH = `${home.path}/elsewhere:${process.env['PATH']}`
  const running = new Running(home, ['./Mailbox'], { PATH })
  await until(() => running.log !== '')
  await running.stop()
  t.same(home.read('found').split('\n').filter(Boolean).sort(), ['bin', 'elsewhere-qmail-rspawn'])
  rmSync(join(home.path, 'found'))
  symlinkSync(join(checkout, 'start'), join(home.path, 'elsewhere/qmail-start'))
  const prefixed = new Running(home, ['./Mailbox'], { PATH }, join(home.path, 'elsewhere/qmail-start'))
  await until(() => prefixed.log !== '')
  await prefixed.stop()
  t.same(home.read('found').split('\n').filter(Boolean).sort(), ['elsewhere-qmail-lspawn', 'elsewhere-qmail-rspawn'])
  home.remove()
})

t.test('what cannot be started is named in one line', async (t) => {
  const home = new Home({ clean: null, lspawn: silent, rspawn: silent })
  const running = new Running(home)
  t.equal(await running.ended(), 111)
  t.match(running.complaints, /^start: unable to find clean: neither bin\/clean in \S+ nor qmail-clean in PATH\n$/)
  home.remove()
  const homeless = new Running(home)
  t.equal(await homeless.ended(), 111)
  t.match(homeless.complaints, /^start: unable to switch to home directory \S+; make one with config-fast, or set YABUMI_HOME\n$/)
})

t.test('an unknown option is refused', async (t) => {
  const { status, stderr } = spawnSync(join(checkout, 'start'), ['--logger', 'x'])
  t.equal(status, 100)
  t.match(stderr.toString(), /^start: .*logger.*\n$/)
})

t.test(
  'as root, each program runs as the account that accounts/ names, with its groups',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async (t) => {
    const note = 'echo "$(id -u) $(id -g) $(id -G)" >$0.id'
    const home = new Home({
      lspawn: `${note}; ${silent}`,
      rspawn: `${note}; ${silent}`,
      clean: `${note}; exec cat 3>&1 >/dev/null`, // holds its end of the answers' pipe
      queue: `${note}; exec cat <&3`,
    })
    chmodSync(join(home.path, 'bin'), 0o777)
    const own = (name: string, uid: number): void => chownSync(join(home.path, 'queue', name), uid, 4100)
    own('.', 4001)
    own('lock/tcpto', 4003)
    chmodSync(home.path, 0o755)
    mkdirSync(join(home.path, 'accounts'))
    for (const [role, uid] of [
      ['queue', 4001],
      ['send', 4002],
      ['remote', 4003],
    ] as const) {
      writeFileSync(join(home.path, 'accounts', role), '')
      chownSync(join(home.path, 'accounts', role), uid, 0)
    }
    writeFileSync(join(home.path, 'accounts/groups'), 'queue:4100\nsend:4100:4102\nremote:4100:4101\n')
    for (const name of ['bounce', 'info', 'local', 'remote', 'lock/sendmutex', 'lock/trigger']) own(name, 4002)
    const running = new Running(home)
    await until(() => running.log !== '' && home.has('bin/queue.id') && home.read('bin/queue.id') !== '')
    const status = readFileSync(`/proc/${running.child.pid}/status`, 'latin1')
    t.match(status, /^Uid:\t4002\t4002\t4002\t4002$/m)
    t.match(status, /^Gid:\t4100\t4100\t4100\t4100$/m)
    t.match(status, /^Groups:\t4100 4102 *$/m)
    await running.stop()
    t.match(home.read('bin/lspawn.id'), /^0 /)
    t.match(home.read('bin/rspawn.id'), /^4003 4100 4100 4101\n/)
    t.match(home.read('bin/clean.id'), /^4001 4100 4100\n/)
    t.match(home.read('bin/queue.id'), /^0 /, 'queue needs root for its socket, and gives it up')
    home.remove()
  },
)

t.test('E2: an ALRM that comes before start has become send is heard by send', async (t) => {
  const home = new Home({ lspawn: 'printf "\\170"; cat >/dev/null' })
  makeFifo(join(home.path, 'control/concurrencylocal'), 0o600) // start waits for its contents, and then send
  writeFileSync(join(home.path, 'queue/mess/0/23'), 'hello\n')
  writeFileSync(join(home.path, 'queue/info/0/23'), 'Fa@b.test\0')
  writeFileSync(join(home.path, 'queue/local/0/23'), 'Tjoe@me.test\0')
  const notDue = Math.floor(Date.now() / 1000) + 5_000
  utimesSync(join(home.path, 'queue/local/0/23'), notDue, notDue)
  const running = new Running(home)
  const pid = running.child.pid as number
  const alarm = 1n << 13n
  await until(() => (BigInt(`0x${/^SigCgt:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]}`) & alarm) !== 0n)
  running.child.kill('SIGALRM')
  await until(() => {
    feed(join(home.path, 'control/concurrencylocal'), '10\n')
    return /starting delivery 1: msg 23/.test(running.log) || !isRunning(pid)
  })
  t.match(running.log, /starting delivery 1: msg 23 to local joe@me\.test/)
  t.equal(await running.stop('SIGKILL'), 'SIGKILL')
  home.remove()
})

t.test(
  'start by somebody whose queue it is not is one line that says whose',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  async (t) => {
    const home = new Home()
    const { status, stdout, stderr } = spawnSync(join(home.path, 'bin/start'), ['./Mailbox'], {
      env: { YABUMI_HOME: home.path, PATH: '/usr/bin:/bin' },
      encoding: 'latin1',
      uid: 65_534,
      gid: 65_534,
    })
    t.match({ status, stdout }, { status: 111, stdout: '' })
    t.match(stderr, /^start: \/\S+\/queue belongs to uid 0, and this is uid 65534; run start as that account or as root\n$/)
    home.remove()
  },
)
