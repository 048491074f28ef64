import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScratchHome } from '../../../../test/support/home.ts'
import { until } from '../../../../test/support/wait.ts'
import { bin, environmentOf, isRoot, scratchHome } from '../../../store/queue/test/support/scratch.ts'

function qread(home: string, uid?: number): { status: number | null; output: string } {
  const identity = uid === undefined ? {} : { uid, gid: uid }
  const { status, stdout } = spawnSync(join(bin, 'qread'), { env: environmentOf(home), maxBuffer: 1e8, ...identity })
  return { status, output: stdout.toString('latin1') }
}

function put(home: string, path: string, content: string, mtime = 1_000_000_000): void {
  const file = join(home, 'queue', path)
  writeFileSync(file, content, 'latin1')
  utimesSync(file, mtime, mtime)
}

t.test('qread prints nothing for an empty queue', async (t) => {
  t.same(qread(scratchHome(t)), { status: 0, output: '' })
})

t.test('qread lists messages with local recipients first, done ones and bounces marked', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', 'x'.repeat(36))
  put(home, 'info/11/1000', 'Fjoe@test.example\0')
  put(home, 'local/11/1000', 'Tann@test.example\0Djoe@test.example\0')
  put(home, 'remote/11/1000', 'Tr@remote.example\0')
  put(home, 'mess/12/1001', '')
  put(home, 'info/12/1001', 'F\0', 1)
  put(home, 'bounce/1001', '')
  put(home, 'mess/13/1002', 'S4: not preprocessed yet')
  t.same(qread(home), {
    status: 0,
    output:
      '9 Sep 2001 01:46:40 GMT  #1000  36  <joe@test.example> \n\tlocal\tann@test.example\n  done\tlocal\tjoe@test.example\n' +
      '\tremote\tr@remote.example\n1 Jan 1970 00:00:01 GMT  #1001  0  <>  bouncing\n',
  })
})

t.test('qread shows bytes that are not printable as _', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', '')
  put(home, 'info/11/1000', 'Fa\x1b[31m\xe9~ @x\0')
  put(home, 'remote/11/1000', 'T\x7f\n@y\0')
  t.match(qread(home).output, '#1000  0  <a_[31m_~ @x> \n\tremote\t__@y\n')
})

t.test('qread warns of a message that it cannot read, and goes on', async (t) => {
  const home = scratchHome(t)
  put(home, 'info/11/1000', 'Fa\0')
  put(home, 'info/12/1001', 'Fb\0')
  put(home, 'mess/12/1001', '')
  put(home, 'info/13/1002', 'half')
  put(home, 'mess/13/1002', '')
  put(home, 'info/13/notanumber', 'Fa\0')
  const { status, output } = qread(home)
  t.equal(status, 0)
  t.match(output, /^warning: trouble with #1000: file does not exist\n9 Sep .*#1001 .*\nwarning: trouble with #1002: .*\n$/)
})

t.test('qread takes long lists of recipients', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', '')
  put(home, 'info/11/1000', 'Fa\0')
  put(home, 'remote/11/1000', 'Tsomebody@remote.example\0'.repeat(20_000))
  t.equal(qread(home).output.split('\n').length, 20_002)
})

t.test('qread says what is missing and exits 111', async (t) => {
  const home = scratchHome(t)
  rmSync(join(home, 'queue/info/7'), { recursive: true })
  t.same(qread(home), { status: 111, output: 'fatal: unable to opendir info/7: file does not exist\n' })
  rmSync(join(home, 'queue'), { recursive: true })
  t.same(qread(home), {
    status: 111,
    output: `fatal: unable to chdir: file does not exist; ${home}/queue: make a home with config-fast, or set YABUMI_HOME\n`,
  })
})

t.test('qread shows nothing to other accounts', { skip: !isRoot && 'needs root' }, async (t) => {
  const home = scratchHome(t)
  const remedy = `${home}/queue: the account of send, or root, may look at it`
  t.same(qread(home, 65_534), { status: 111, output: `fatal: unable to chdir: access denied; ${remedy}\n` })
})

t.test('qread --why shows the facts of a message below it, and the plain list does not', async (t) => {
  const home = scratchHome(t)
  put(home, 'mess/11/1000', 'x')
  put(home, 'info/11/1000', 'Fjoe@test.example\0Av1 BODY=8BITMIME ORIGIN=network\0Aremote 0 v1 R0.ORCPT=rfc822;r@x\0')
  put(home, 'mess/12/1001', 'x')
  put(home, 'info/12/1001', 'F\0')
  const { stdout } = spawnSync(join(bin, 'qread'), ['--why'], { env: environmentOf(home), encoding: 'latin1' })
  const top = '#1000  1  <joe@test.example> \n'
  t.match(stdout, `${top}\t\tfacts: BODY=8BITMIME ORIGIN=network\n`)
  t.equal(stdout.split('facts:').length, 2)
  t.notMatch(qread(home).output, 'facts')
})

t.test('qread --why says what the last attempt came to, what is next, and what is held', async (t) => {
  const home = await ScratchHome.make(t)
  home.control('smtproutes', ':127.0.0.1:1\n')
  const log = join(home.root, 'log')
  const fd = openSync(log, 'w')
  const child = spawn(join(home.directory, 'bin/start'), ['./Maildir/'], {
    env: home.environment,
    stdio: ['ignore', fd, fd],
    cwd: home.root,
  })
  t.teardown(() => child.kill())
  closeSync(fd)
  for (const name of ['one', 'two']) await home.inject(['-fme@mail.test.example', `${name}@far.example`], 'Subject: x\n\ny\n')
  await until('both are tried and preprocessed', async () => (await home.run('qread')).stdout.split('@far').length === 3)
  const said = async (): Promise<string> => (await home.run('qread', ['--why'])).stdout
  const answer = "deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)"
  const { stdout: plain } = await home.run('qread')
  const text = await until('both answers are in the log', async () => {
    const now = await said()
    return now.split(`\t\t${answer}\n\t\tnext: `).length === 3 ? now : undefined
  })
  t.equal(text.replace(/^\t\t.*\n/gm, ''), plain, 'the rest is as without it')
  await home.run('qhold', ['--yes', '--all'])
  t.equal((await said()).split('\t\theld: it is not tried before qrelease\n').length, 3)
  const ended = once(child, 'exit')
  child.kill()
  await ended
  t.match(await said(), /^warning: no send runs that we can see: /)
  await home.inject(['-fme@mail.test.example', 'three@far.example'], 'Subject: x\n\ny\n')
  t.match(await said(), /^#\d+ is accepted, and not yet taken up by send$/m)
  t.match(await home.run('qread', ['--whyever'], { reject: false }), { exitCode: 100, stderr: /^qread: there is no option --whyever; / })
})
