/** Bad input at the level of the whole system: one clear line that names it, the documented exit code, and no harm. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { sendMail } from '../support/dialogue.ts'
import { amRoot, checkout, hostName, ScratchHome } from '../support/home.ts'
import { until } from '../support/wait.ts'

/** Programs with GNU-style options of ours, each with arguments that are right but for the one that is added. */
const ours: [string, string[]][] = [
  ['supervise', []],
  ['service', ['s6', '/nowhere']],
  ['config-fast', ['me.example']],
  ['setpassword', ['joe']],
  ['queue', ['--listen']],
  ['smtpd', ['--listen', '127.0.0.1:0']],
  ['popup', ['--listen', '127.0.0.1:0', 'me.example', 'true']],
]

t.test('an unknown option is one line that names it, and exit code 100', async (t) => {
  const home = await ScratchHome.make(t)
  for (const [program, args] of ours) {
    const { stderr, exitCode } = await home.run(program, ['--no-such-option=1', ...args], { reject: false })
    t.equal(exitCode, 100, program)
    t.match(stderr, /^[^\n]*no-such-option[^\n]*\n$/, program)
  }
})

t.test('a missing home is one line that names it, and exit code 111', async (t) => {
  for (const [program, args] of ours.filter(([name]) => name !== 'config-fast')) {
    const env = { YABUMI_HOME: '/no/such/home', PATH: process.env['PATH'] ?? '' }
    const { stderr, exitCode } = await execa(join(checkout, 'bin', program), args, { env, extendEnv: false, input: '', reject: false })
    t.equal(exitCode, 111, program)
    t.match(stderr, /^[^\n]*\/no\/such\/home[^\n]*$/, program)
  }
})

t.test('a control file that cannot be read stops the program that needs it, by name, and no other', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  rmSync(join(home.directory, 'control/rcpthosts'))
  mkdirSync(join(home.directory, 'control/rcpthosts')) // unreadable even for root
  const { stderr, exitCode } = await home.run('smtpd', ['--listen', '127.0.0.1:0'], { reject: false })
  t.equal(exitCode, 111)
  t.match(stderr, /^smtpd: [^\n]*control\/rcpthosts[^\n]*\n$/)
  t.match(await home.run('smtpd', [], { reject: false }), { stdout: /^421 / }, 'one connection hears that it should come back')
  await home.supervise({ smtp: [] })
  await home.inject([`joe@${hostName}`], 'Subject: still alive\n\nx\n')
  await until('the rest goes on', () => home.maildir('joe').some((one) => one.includes('Subject: still alive')))
})

t.test('send refuses to start without control/me, by name', async (t) => {
  const home = await ScratchHome.make(t)
  home.control('me', undefined)
  home.control('locals', undefined)
  const { stdout, exitCode } = await home.run('start', ['./Maildir/'], { reject: false })
  t.equal(exitCode, 111)
  t.match(stdout, /^warning: [^\n]*control\/locals[^\n]*\nalert: cannot start: unable to read controls\n$/)
})

t.test('queue/ of another account: one line that names it', { skip: !amRoot && 'only root can become another account' }, async (t) => {
  const home = await ScratchHome.make(t)
  chmodSync(home.directory, 0o755)
  const { stderr, exitCode } = await execa(join(home.directory, 'bin/supervise'), [], {
    env: home.environment,
    extendEnv: false,
    uid: 65_534,
    gid: 65_534,
    reject: false,
  })
  t.equal(exitCode, 111)
  t.match(stderr, /^supervise: [^\n]*queue belongs to uid 0[^\n]*$/)
})

t.test('a port that is taken is named, and served as soon as it is free', async (t) => {
  const first = await ScratchHome.make(t, 'joe')
  const running = await first.supervise()
  const second = await ScratchHome.make(t, 'joe')
  const port = running.smtpPort
  const waiting = second.supervise({ smtp: [`127.0.0.1:${port}`], pop3: [] })
  await running.stop()
  await waiting
  t.match(await sendMail(port, 'a@b.example', [`joe@${hostName}`], 'Subject: second home\n\nx\n'), /^250 /)
  await until('a message in the second home', () => second.maildir('joe').some((one) => one.includes('Subject: second home')))
})

t.test(
  'a full disk: temporary failure in SMTP, nothing acknowledged, and mail again when there is room',
  { skip: !amRoot && 'only root can mount a small disk' },
  async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    const queue = join(home.directory, 'queue')
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0750', 'tmpfs', queue], { reject: false })
    if (mounted.exitCode !== 0) {
      t.comment('SKIP: this machine lets nobody mount a tmpfs')
      return
    }
    t.teardown(() => execa('umount', ['-l', queue]))
    await home.run('config-fast', [hostName])
    const running = await home.supervise()
    const filler = join(queue, 'filler')
    await execa('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { reject: false })
    const reply = await sendMail(running.smtpPort, 'a@b.example', [`joe@${hostName}`], `Subject: no room\n\n${'x\n'.repeat(50_000)}`)
    t.match(reply, /^4/)
    rmSync(filler)
    t.match(await sendMail(running.smtpPort, 'a@b.example', [`joe@${hostName}`], 'Subject: room again\n\nx\n'), /^250 /)
    await until('the message', () => home.maildir('joe').some((one) => one.includes('Subject: room again')))
    t.notOk(home.maildir('joe').some((one) => one.includes('Subject: no room')))
  },
)
