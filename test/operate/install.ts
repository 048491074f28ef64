/** make install, check-install and uninstall, with real accounts in a scratch place. */
import {
  chmodSync,
  chownSync,
  existsSync,
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
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roles } from '@yabumi/home'
import { execa } from 'execa'
import t from 'tap'
import { Dialogue, oneLine, sendMail, smtpReply } from '../support/dialogue.ts'
import { amRoot, checkout, hostName } from '../support/home.ts'
import { below, processesOf } from '../support/processes.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { mailOf, System, userFile } from './support/system.ts'

const asRoot = { skip: !amRoot ? 'only root can make accounts' : missing('useradd', 'userdel') }

t.test('an installed system runs without the checkout', asRoot, async (t) => {
  const system = await System.make(t, 'joe')
  const joe = await system.user('joe')
  const running = await system.supervise()
  const { stdout } = await execa(
    'grep',
    ['-rlF', checkout, system.home, join(system.prefix, 'lib/yabumi/bin'), join(system.prefix, 'lib/yabumi/dist')],
    {
      reject: false,
    },
  )
  t.equal(stdout, '', 'no file names it')
  t.ok(existsSync(join(system.prefix, 'share/doc/yabumi/fail2ban/filter.d/yabumi.conf')))
  t.ok(existsSync(join(system.prefix, 'share/doc/yabumi/docs/decisions/queue.md')))
  const maps = processesOf(system.home).map((pid) => readFileSync(`/proc/${pid}/maps`, 'latin1'))
  t.ok(maps.length >= 5)
  t.notOk(
    maps.some((text) => text.includes(`${checkout}/`)),
    'no process has anything of it in memory',
  )
  await system.run('inject', [`${joe.name}@${hostName}`], { as: joe, input: 'Subject: by inject\n\nx\n' })
  t.match(await sendMail(running.smtpPort, 'a@b.example', [`${joe.name}@${hostName}`], 'Subject: by SMTP\n\nx\n'), /^250 /)
  await until('both messages', () => mailOf(joe).length === 2)
  const [first = '', second = ''] = mailOf(joe).sort()
  const both = first + second
  t.match(both, new RegExp(`^Received: \\(qmail \\d+ invoked by uid ${joe.uid}\\);`, 'm'))
  t.match(both, /^Received: \(qmail \d+ invoked from network\);/m)
  await system.run('setpassword', [joe.name], { input: 'secret\n' })
  const smtp = await Dialogue.open(running.smtpPort, smtpReply)
  t.equal(await smtp.say('STARTTLS', smtpReply), '220 ready for tls\r\n', 'smtpd reads the key of a file of root')
  t.equal((await smtp.secure()).getPeerCertificate().subject.CN, hostName)
  smtp.close()
  const pop = await Dialogue.open(running.pop3Port, oneLine)
  t.equal(await pop.say('STLS', oneLine), '+OK TLS begins\r\n', 'and so does popup')
  await pop.secure()
  await pop.say(`USER ${joe.name}`, oneLine)
  t.match(await pop.say('PASS secret', oneLine), /^\+OK/)
  t.match(await pop.say('STAT', oneLine), /^\+OK /)
  const session = below(running.pid).find(({ program }) => program === 'pop3d')?.pid
  t.match(readFileSync(`/proc/${session}/status`, 'latin1'), `Uid:\t${Array(4).fill(joe.uid).join('\t')}\n`, 'the session is the user')
  await pop.say('QUIT', oneLine)
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' }, 'all is well while it runs')
})

t.test('a logger that start runs is the account of logs', asRoot, async (t) => {
  const system = await System.make(t)
  const start = execa(join(system.home, 'bin/start'), ['./Maildir/', 'sh', '-c', 'grep ^Uid /proc/self/status; exec cat'], {
    env: { PATH: process.env['PATH'] },
    extendEnv: false,
    reject: false,
    stderr: 'ignore',
  })
  let log = ''
  start.stdout.on('data', (text: Buffer) => {
    log += text
  })
  await until('send speaks through it', () => log.includes('status: local 0/10'))
  start.kill('SIGTERM')
  await start
  const { uid } = await system.account('log')
  t.match(log, `Uid:\t${Array(4).fill(uid).join('\t')}\n`)
})

t.test('check-install names every wrong owner and mode, a line each, and changes nothing', asRoot, async (t) => {
  const system = await System.make(t)
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' })
  const at = (path: string): string => join(system.home, path)
  const program = join(system.prefix, 'lib/yabumi/bin/queue')
  const above = join(system.root, 'var')
  const queue = await system.account('queue')
  const group = system.accountPrefix.slice(0, -1)
  const send = `${system.accountPrefix}send`
  const auth = await system.account('auth')
  const replaceByLink = (path: string): void => {
    rmSync(path, { recursive: true })
    symlinkSync('/etc', path)
  }
  const wrong: [act: () => void, line: string][] = [
    [() => chmodSync(at('queue'), 0o755), `${at('queue')}: mode 0755, should be 0750`],
    [() => chownSync(at('queue/info/7'), 0, queue.gid), `${at('queue/info/7')}: owner root:`],
    [() => chmodSync(at('queue/lock/trigger'), 0o622), `${at('queue/lock/trigger')}: mode 0622, should be 0660`],
    [
      () => chownSync(at('queue/todo'), queue.uid, queue.gid),
      `${at('queue/todo')}: owner ${queue.name}:${group}, should be ${queue.name}:${send}`,
    ],
    [() => chmodSync(program, 0o4755), `${program}: mode 4755, should be 0755`],
    [() => chmodSync(at('control/me'), 0o666), `${at('control/me')}: mode 0666`],
    [() => chownSync(at('accounts/smtp'), 0, 0), `${at('accounts/smtp')}: owner root:root, should be ${system.accountPrefix}smtp:`],
    [() => chmodSync(at('control/servercert.pem'), 0o644), `${at('control/servercert.pem')}: mode 0644, holds a key that others may read`],
    [() => chmodSync(at('accounts'), 0o775), `${at('accounts')}: mode 0775, should be 0755`],
    [() => writeFileSync(at('accounts/other'), ''), `${at('accounts/other')}: names no account`],
    [() => rmSync(at('accounts/web')), `${at('accounts/web')}: missing`],
    [() => replaceByLink(at('queue/pid')), `${at('queue/pid')}: should be a directory`],
    [() => replaceByLink(at('queue/lock/sendmutex')), `${at('queue/lock/sendmutex')}: should be a file`],
    [() => writeFileSync(at('state/auth/store'), '', { mode: 0o600 }), `${at('state/auth/store')}: owner uid 0, should be uid ${auth.uid}`],
    [() => chmodSync(at('state/auth'), 0o750), `${at('state/auth')}: mode 0750, should be 0700`],
    [() => chownSync(above, 65_534, 0), `${above}: owner nobody:root, should be root's`],
    [() => chmodSync(at('alias'), 0o777), `${at('alias')}: mode 0777, should be 2755`],
    [() => rmSync(at('queue/remote/3'), { recursive: true }), `${at('queue/remote/3')}: missing`],
    [() => writeFileSync(at('queue/mess/1/24'), ''), `${at('queue/mess/1/24')}: owner uid 0, should be uid ${queue.uid}`],
    [() => symlinkSync('/etc/passwd', at('queue/todo/5')), `${at('queue/todo/5')}: should be a file`],
    [
      () => writeFileSync(join(system.prefix, 'lib/yabumi/bin/extra'), ''),
      `${join(system.prefix, 'lib/yabumi/bin/extra')}: no part of the installation`,
    ],
  ]
  for (const [act] of wrong) act()
  const { exitCode, stdout } = await system.make('check-install')
  t.equal(exitCode, 1)
  const lines = stdout.split('\n')
  for (const [, line] of wrong) t.equal(lines.filter((each) => each.startsWith(line)).length, 1, line)
  t.equal(lines.length, wrong.length, stdout)
  t.equal((await system.make('check-install')).stdout, stdout)

  rmSync(at('queue/todo/5'))
  rmSync(at('queue/mess/1/24'))
  for (const path of ['accounts/other', 'state/auth/store', 'queue/pid', 'queue/lock/sendmutex']) rmSync(at(path))
  chmodSync(at('control/me'), 0o644)
  chmodSync(at('control/servercert.pem'), 0o640)
  chownSync(above, 0, 0)
  await system.make('install')
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' }, 'and install puts all of it right')
})

t.test('an installation in which remote could read todo/ and pull the trigger is closed by install', asRoot, async (t) => {
  const system = await System.make(t)
  const [queue, send] = await Promise.all([system.account('queue'), system.account('send')])
  await execa('groupdel', [send.name])
  chownSync(join(system.home, 'queue/todo'), queue.uid, queue.gid)
  const trigger = join(system.home, 'queue/lock/trigger')
  chownSync(trigger, send.uid, send.gid)
  chmodSync(trigger, 0o622)
  t.match((await system.make('check-install')).stdout, `group ${send.name}: missing, or ${send.name} is no member`)
  await system.make('install')
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' })
  const own = Number((await execa('getent', ['group', send.name])).stdout.split(':')[2])
  for (const path of [trigger, join(system.home, 'queue/todo')]) t.match(lstatSync(path), { uid: queue.uid, gid: own }, path)
})

t.test('nothing is set-uid, and each account is alone', asRoot, async (t) => {
  const system = await System.make(t)
  const { stdout } = await execa('find', [system.root, '-perm', '/6000'])
  const directories = ['alias', 'state/acme', 'state/correspondents'].map((name) => join(system.home, name))
  t.same(stdout.split('\n').sort(), directories, 'but the set-gid bit of three directories')
  const accounts = await Promise.all(roles.map((role) => system.account(role)))
  t.equal(new Set(accounts.map(({ uid }) => uid)).size, roles.length)
  for (const { name } of accounts) {
    const [, secret, , , , home, shell] = (await execa('getent', ['passwd', name])).stdout.split(':')
    t.match({ secret, home, shell }, { secret: 'x', home: '/nonexistent', shell: /nologin$/ }, name)
    t.match((await execa('getent', ['shadow', name])).stdout.split(':')[1], /^[!*]/, 'no password')
  }
})

t.test('install again keeps mail, settings and users, and repairs the rest', asRoot, async (t) => {
  const system = await System.make(t, 'joe')
  const joe = await system.user('joe')
  writeFileSync(join(system.home, 'control/concurrencyremote'), '7\n')
  writeFileSync(join(system.home, 'users/assign'), `=joe:joe:${joe.uid}:${joe.gid}:${joe.home}:::\n.\n`)
  await system.run('newu')
  const running = await system.supervise()
  userFile(joe, '.qmail', '|exit 111\n')
  await system.run('inject', [`joe@${hostName}`], { as: joe, input: 'Subject: waits\n\nx\n' })
  await running.logs(/delivery \d+: deferral/)
  const state = (): string[] =>
    ['control', 'users', 'queue/mess', 'queue/info', 'queue/local'].flatMap((part) =>
      readdirSync(join(system.home, part), { recursive: true, encoding: 'utf8' }).map((name) => {
        const { ino, mode, uid, gid, size } = lstatSync(join(system.home, part, name))
        return [part, name, ino, mode, uid, gid, size].join(' ')
      }),
    )
  const before = state()
  rmSync(join(system.prefix, 'lib/yabumi/dist/inject.cjs'))
  await system.make('install')
  t.same(state(), before)
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' })
  userFile(joe, '.qmail', './Maildir/\n')
  process.kill(running.pid, 'SIGALRM')
  await until('the message that waited', () => mailOf(joe).some((one) => one.includes('Subject: waits')))
  await running.stop()

  await t.test('uninstall takes the programs away, and nothing else', async (t) => {
    const { exitCode, stdout } = await system.make('uninstall')
    t.equal(exitCode, 0)
    t.match(stdout, `${system.home} stays`)
    t.match(stdout, `${system.accountPrefix}queue`)
    t.notOk(existsSync(join(system.prefix, 'lib/yabumi')))
    t.notOk(existsSync(join(system.home, 'bin')))
    t.same((await execa('find', [system.prefix, '-type', 'f'])).stdout, '', 'no file is left below PREFIX')
    t.same(
      state().filter((line) => line.startsWith('control')),
      before.filter((line) => line.startsWith('control')),
    )
    t.ok(mailOf(joe).length > 0)
    await system.make('install')
    t.match(await system.make('check-install'), { exitCode: 0, stdout: '' }, 'and it can be put back')
  })
})

t.test('NAME_PREFIX: scripts for qmail run unchanged', asRoot, async (t) => {
  const system = new System(t, { NAME_PREFIX: 'qmail-' })
  await system.make('install')
  await system.run('config-fast', [hostName])
  const joe = await system.addUser('joe')
  const qmail = [
    'inject',
    'smtpd',
    'queue',
    'send',
    'lspawn',
    'rspawn',
    'clean',
    'local',
    'remote',
    'start',
    'popup',
    'pop3d',
    'qread',
    'qstat',
  ]
  const more = ['qmtpd', 'qmqpd', 'qmqpc', 'newu', 'newmrh', 'pw2u', 'getpw', 'showctl', 'tcpto', 'tcpok']
  for (const name of [...qmail, ...more]) t.equal(statSync(system.program(`qmail-${name}`)).mode & 0o7777, 0o755, `qmail-${name}`)
  for (const name of ['sendmail', 'forward', 'maildirmake', 'splogger'])
    t.notOk(existsSync(system.program(`qmail-${name}`)), `qmail has no qmail-${name}`)

  const env = { PATH: `${system.home}/bin:/usr/bin:/bin` }
  const listener = execa(system.program('qmail-queue'), ['--listen'], { cwd: '/', env, extendEnv: false, reject: false })
  const start = execa(system.program('qmail-start'), ['./Maildir/'], { cwd: '/', env, extendEnv: false, reject: false, buffer: false })
  t.teardown(async () => {
    start.kill()
    listener.kill()
    await Promise.all([start, listener])
  })
  await until('queue listens', () => existsSync(join(system.home, 'queue.sock')))
  await until('start has become send, and is called so', () => readFileSync(`/proc/${start.pid}/comm`, 'latin1') === 'qmail-send\n')
  const script = `printf 'To: ${joe.name}\\nSubject: from a script\\n\\nx\\n' | qmail-inject -fme@${hostName} && echo queued`
  const { stdout } = await execa('sh', ['-c', script], { cwd: '/', env, extendEnv: false, uid: joe.uid, gid: joe.gid })
  t.equal(stdout, 'queued')
  await until('the message', () => mailOf(joe).some((one) => one.includes('Subject: from a script')))
  t.match(await execa(system.program('qmail-inject'), ['-Z'], { env, extendEnv: false, cwd: '/', input: '', reject: false }), {
    exitCode: 100,
    stderr: 'qmail-inject: illegal option -- Z',
  })
  t.match((await execa(system.program('qmail-qstat'), [], { env, extendEnv: false, cwd: '/' })).stdout, /^messages in queue: \d+$/m)
  symlinkSync(system.program('sendmail'), join(system.root, 'sendmail'))
  await execa(join(system.root, 'sendmail'), ['-t', '-i'], {
    input: `To: ${joe.name}\nSubject: by a link\n\nx\n`,
    env: { PATH: '/usr/bin:/bin' },
    extendEnv: false,
    cwd: '/',
  })
  await until('the message of the linked sendmail', () => mailOf(joe).some((one) => one.includes('Subject: by a link')))

  await t.test('man finds the pages beside bin/', { skip: missing('man') }, async (t) => {
    const man = (name: string) => execa(find('man') ?? '', ['-w', name], { env, extendEnv: false, cwd: '/' })
    t.match((await man('inject')).stdout, /\/man8\/inject\.8$/)
    t.match((await man('qmail-inject')).stdout, /\/man8\/inject\.8$/)
    t.match((await man('forward')).stdout, /\/man1\/forward\.1$/)
    t.match((await man('yabumi')).stdout, /\/man7\/yabumi\.7$/)
  })
})

t.test('a home of qmail keeps its accounts, and gets those that qmail has not', asRoot, async (t) => {
  const first = await System.make(t)
  const queue = await first.account('queue')
  for (const name of ['accounts', 'state', 'queue/spare']) rmSync(join(first.home, name), { recursive: true })
  const second = new System(t, { YABUMI_HOME: first.home, ACCOUNT_PREFIX: `${first.accountPrefix}x` })
  t.teardown(async () => {
    for (const role of roles) await execa('userdel', [`${first.accountPrefix}x${role}`], { reject: false })
  })
  const { stdout } = await second.make('install')
  const made = [...stdout.matchAll(/made account \S+x([a-z]+)/g)].map(([, role]) => role)
  t.same(made, ['smtp', 'submit', 'front', 'auth', 'acme', 'web', 'log', 'check'], 'those that own the parts are taken')
  for (const path of ['queue', 'queue/mess/7', 'accounts/queue']) t.equal(statSync(join(first.home, path)).uid, queue.uid, path)
  t.match(await second.make('check-install'), { exitCode: 0, stdout: '' })
})

t.test('F12: pages that packages of Debian have are called yabumi-NAME, whatever is installed here', asRoot, async (t) => {
  const system = await System.make(t)
  const pages = (section: number): string[] => readdirSync(join(system.prefix, `share/man/man${section}`))
  const others = ['local', 'pop3d', 'qmqpd', 'sendmail', 'service', 'smtpd', 'supervise']
  t.same(
    pages(8).filter((name) => name.startsWith('yabumi-')),
    others.map((name) => `yabumi-${name}.8`),
  )
  t.ok(pages(1).includes('yabumi-maildirmake.1'))
  for (const name of others) t.notOk(pages(8).includes(`${name}.8`), name)
})

t.test('SENDMAIL makes the link of the system, which upgrades keep and uninstall removes; what is not ours stays', asRoot, async (t) => {
  const system = new System(t)
  const link = join(system.root, 'sbin/sendmail')
  const { stdout } = await system.make('install')
  t.match(stdout, /^programs of this system find it as sendmail after: make install SENDMAIL=\/usr\/sbin\/sendmail\n/m)
  const withLink = new System(t, { PREFIX: system.prefix, YABUMI_HOME: system.home, SENDMAIL: link })
  mkdirSync(join(system.root, 'sbin'))
  writeFileSync(link, 'of another mail system')
  t.match(await withLink.make('install', false), {
    exitCode: 111,
    stderr: `${link} is another mail system's; remove that, or move it away`,
  })
  t.equal(readFileSync(link, 'latin1'), 'of another mail system')
  rmSync(link)
  t.notMatch((await withLink.make('install')).stdout, 'SENDMAIL=')
  t.equal(readlinkSync(link), join(system.home, 'bin/sendmail'))
  t.notMatch((await system.make('install')).stdout, 'SENDMAIL=', 'an upgrade knows of it')
  t.ok(existsSync(link))
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' })
  await system.make('uninstall')
  t.equal(lstatSync(link, { throwIfNoEntry: false }), undefined)
})

t.test("root does not take over a home that is all one user's", asRoot, async (t) => {
  const system = new System(t)
  mkdirSync(system.home, { recursive: true })
  chownSync(system.home, 65_534, 65_534)
  const env = { YABUMI_HOME: system.home, PATH: '/usr/bin:/bin' }
  await execa(join(checkout, 'bin/config-fast'), [hostName], { env, extendEnv: false })
  const { exitCode, stderr } = await system.make('install', false)
  t.equal(exitCode, 111)
  t.match(stderr, /everything in .* is uid 65534's; run make install as that user/)
  t.equal(lstatSync(join(system.home, 'queue/mess')).uid, 65_534)
  t.notOk(existsSync(join(system.home, 'accounts')))
})

t.test('run by a normal user, install makes a home of that user', async (t) => {
  const as = amRoot ? { uid: 65_534, gid: 65_534 } : {}
  const { stdout: place } = await execa('mktemp', ['-d', join(tmpdir(), 'yabumi-install-XXXXXX')], as)
  t.teardown(() => rmSync(place, { recursive: true, force: true }))
  const env = { PATH: process.env['PATH'] ?? '', PREFIX: join(place, 'usr'), YABUMI_HOME: join(place, 'home') }
  const make = (target: string, more: Record<string, string> = {}) =>
    execa(process.execPath, [join(checkout, 'packages/workshop/build/src/install.ts'), target], {
      cwd: '/',
      env: { ...env, ...more },
      extendEnv: false,
      reject: false,
      ...as,
    })
  t.equal(
    (await make('check-install')).stdout,
    `nothing is installed: neither ${place}/usr/lib/yabumi nor ${place}/home is there; say PREFIX, YABUMI_HOME and DESTDIR as to make install`,
  )
  t.match(await make('install'), { exitCode: 0 })
  t.match(await make('check-install'), { exitCode: 0, stdout: '' })
  chmodSync(place, 0o500)
  for (const [name, path] of [
    ['PREFIX', 'other/lib/yabumi/bin/.dist'],
    ['YABUMI_HOME', 'other'],
  ] as const) {
    const { stderr } = await make('install', { [name]: join(place, 'other') })
    t.match(stderr, new RegExp(`${path}: access denied; run make install as root, or with a PREFIX and a YABUMI_HOME of yours$`), name)
  }
  chmodSync(place, 0o700)
  const { exitCode } = await execa(join(place, 'home/bin/config-fast'), [hostName], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    extendEnv: false,
    ...as,
  })
  t.equal(exitCode, 0)
})
