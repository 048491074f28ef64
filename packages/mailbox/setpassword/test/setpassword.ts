import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Conversation } from '@yabumi/loginprotocol'
import { findEntry, matches } from '@yabumi/password'
import t from 'tap'
import { missing } from '../../../../test/support/programs.ts'
import { answerOf } from '../src/store.ts'

const program = join(import.meta.dirname, '../../../../bin/setpassword')
const amRoot = process.getuid?.() === 0

function home(): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-setpassword-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'users'))
  return directory
}

function run(directory: string, args: string[], input: string | Buffer): { status: number | null; stderr: string; stdout: string } {
  const { status, stderr, stdout } = spawnSync(program, args, {
    env: { PATH: process.env['PATH'], YABUMI_HOME: directory },
    input,
    encoding: 'latin1',
  })
  return { status, stderr, stdout }
}

function passwords(directory: string): string {
  return readFileSync(join(directory, 'users/passwords'), 'latin1')
}

t.test('setpassword stores a hash of the first line, in a file of mode 600', async (t) => {
  const directory = home()
  t.same(run(directory, ['joe'], 'se cret \nmore\n'), {
    status: 0,
    stdout: '',
    stderr: `setpassword: stored for joe in ${directory}/users/passwords\n`,
  })
  const path = join(directory, 'users/passwords')
  const entry = findEntry(path, 'joe')
  t.ok(await matches(entry, Buffer.from('se cret '), Buffer.alloc(0)))
  t.equal(entry?.secret, undefined)
  t.notMatch(passwords(directory), 'cret')
  t.equal(statSync(path).mode & 0o7777, 0o600)
})

t.test('setpassword --apop keeps the password as well, and says so', async (t) => {
  const directory = home()
  for (const args of [
    ['joe', '--apop'],
    ['--apop', 'joe'],
  ]) {
    const { status, stderr } = run(directory, args, 'geheim\r\n')
    t.equal(status, 0)
    t.match(stderr, 'recoverable form')
    t.same(findEntry(join(directory, 'users/passwords'), 'joe')?.secret, Buffer.from('geheim'))
  }
  run(directory, ['joe'], 'geheim\n')
  t.equal(findEntry(join(directory, 'users/passwords'), 'joe')?.secret, undefined, 'without --apop it is gone again')
})

t.test('setpassword refuses what could not be used, and stores nothing', async (t) => {
  const directory = home()
  const cases: [args: string[], input: string, complaint: RegExp][] = [
    [[], 'x\n', /^setpassword: name the login; see setpassword --help\n$/],
    [['a', 'b'], 'x\n', /^setpassword: one login at a time; see setpassword --help\n$/],
    [['--nosuch'], 'x\n', /^setpassword: .*see setpassword --help\n$/],
    [['a b'], 'x\n', /^setpassword: a login is made of printable characters, without blanks and colons\n$/],
    [['joe'], '', /^setpassword: the password is empty\n$/],
    [['joe'], '\n', /^setpassword: the password is empty\n$/],
    [['joe'], '\r\n', /^setpassword: the password is empty\n$/],
    [['joe'], 'a\0b\n', /^setpassword: the password holds a NUL byte\n$/],
    [['joe'], `${'x'.repeat(129)}\n`, /^setpassword: the password has more than 128 bytes\n$/],
    [['joe'], 'x'.repeat(100_000), /^setpassword: the password has more than 128 bytes\n$/],
  ]
  for (const [args, input, complaint] of cases) {
    const { status, stderr } = run(directory, args, input)
    t.equal(status, 100, args.join(' '))
    t.match(stderr, complaint)
  }
  t.notOk(existsSync(join(directory, 'users/passwords')))
})

t.test('setpassword takes the longest password, with every kind of line end', async (t) => {
  const directory = home()
  for (const end of ['', '\n', '\r\n']) {
    t.equal(run(directory, ['joe'], 'x'.repeat(128) + end).status, 0)
    t.ok(await matches(findEntry(join(directory, 'users/passwords'), 'joe'), Buffer.from('x'.repeat(128)), Buffer.alloc(0)))
  }
})

t.test('setpassword without a home names the remedy', async (t) => {
  const directory = home()
  rmSync(join(directory, 'users'), { recursive: true })
  t.match(run(directory, ['joe'], 'x\n'), {
    status: 111,
    stderr: 'setpassword: unable to write users/passwords: file does not exist; make the home with config-fast first\n',
  })
  t.match(run('/nonexistent', ['joe'], 'x\n'), { status: 111, stderr: /^setpassword: unable to switch to home directory \/nonexistent; / })
})

t.test('setpassword by somebody else names the owner', { skip: amRoot && 'root may write everywhere' }, async (t) => {
  const directory = home()
  chmodSync(join(directory, 'users'), 0o500)
  t.match(run(directory, ['joe'], 'x\n'), { status: 111, stderr: /access denied; run setpassword as the owner of the home\n$/ })
})

t.test('authd that hangs up on somebody else has not answered, be it before the question', async (t) => {
  const path = join(home(), 'authd.sock')
  const authd = createServer((socket) => socket.destroy()).listen(path)
  t.teardown(() => authd.close())
  await once(authd, 'listening')
  const hungUp = once(authd, 'connection')
  const conversation = await Conversation.connect(path)
  await hungUp
  t.equal(await answerOf(conversation, ['store', 'joe', '', 'x']), undefined)
})

t.test('setpassword by root leaves the file to the owner of the home', { skip: !amRoot && 'only root can give files away' }, async (t) => {
  const directory = home()
  for (const path of [directory, join(directory, 'users')]) chownSync(path, 65_534, 65_534)
  t.equal(run(directory, ['joe'], 'x\n').status, 0)
  t.match(statSync(join(directory, 'users/passwords')), { uid: 65_534, gid: 65_534 })
})

t.test('from a terminal the password is asked for and not shown', { skip: missing('script', 'stty') }, async (t) => {
  const directory = home()
  const child = spawn('script', ['-qec', `${program} joe`, '/dev/null'], {
    env: { PATH: process.env['PATH'], YABUMI_HOME: directory, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let shown = ''
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString('latin1')
    if (shown.endsWith('password for joe: ')) child.stdin.write('geheim\n')
  })
  t.equal(await new Promise((resolve) => child.on('close', resolve)), 0)
  t.equal(shown, `password for joe: \r\nsetpassword: stored for joe in ${directory}/users/passwords\r\n`)
  t.ok(await matches(findEntry(join(directory, 'users/passwords'), 'joe'), Buffer.from('geheim'), Buffer.alloc(0)))
})

t.test('a FIFO or link in place of a file of the passwords keeps setpassword nowhere', (t) => {
  for (const name of ['passwords.lock', 'passwords.new', 'passwords'])
    for (const plant of ['mkfifo', 'ln -s /dev/full']) {
      const directory = home()
      const [file = '', ...args] = plant.split(' ')
      spawnSync(file, [...args, join(directory, 'users', name)])
      const { status, stderr } = run(directory, ['joe'], 'secret\n')
      t.equal(status, 111, `${plant} ${name}`)
      t.match(stderr, /unable to (write|read) |is no file/)
    }
  t.end()
})
