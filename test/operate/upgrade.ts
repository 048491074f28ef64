/** make install over a home of the version before accounts/: queue, users, passwords and accounts stay. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSettings } from '@yabumi/controlfiles'
import { type Role, roles } from '@yabumi/home'
import { execa } from 'execa'
import t from 'tap'
import { Dialogue, oneLine } from '../support/dialogue.ts'
import { amRoot, hostName } from '../support/home.ts'
import { below } from '../support/processes.ts'
import { missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'
import { versionBefore } from './support/before.ts'
import { mailOf, System, userFile } from './support/system.ts'

const asRoot = { skip: !amRoot ? 'only root can make accounts' : missing('useradd', 'userdel') }
const before: readonly Role[] = ['queue', 'send', 'remote', 'smtp', 'alias']

/** What a home of that version is, where it cannot be built: five accounts, and smtpd/ for the one that owns nothing else. */
async function takeBack(system: System): Promise<void> {
  const smtp = await system.account('smtp')
  for (const name of ['accounts', 'state']) rmSync(join(system.home, name), { recursive: true })
  mkdirSync(join(system.home, 'smtpd'), { mode: 0o700 })
  await execa('chown', [`${smtp.uid}:${smtp.gid}`, join(system.home, 'smtpd')])
  for (const role of roles) if (!before.includes(role)) await execa('userdel', ['--force', `${system.accountPrefix}${role}`])
}

t.test('an upgrade keeps queue, users, passwords and accounts', asRoot, async (t) => {
  const old = await versionBefore(t)
  if (old === undefined) t.comment('the version before is not in reach: its layout is made by hand')
  const system = new System(t)
  await system.make('install', true, old)
  await system.run('config-fast', [hostName])
  if (old === undefined) await takeBack(system)
  t.notOk(existsSync(join(system.home, 'accounts')))
  const joe = await system.addUser('joe')
  writeFileSync(join(system.home, 'users/assign'), `=jim:${joe.name}:${joe.uid}:${joe.gid}:${joe.home}:::\n.\n`)
  await system.run('newu')
  await system.run('setpassword', ['jim'], { input: 'old secret\n' })
  writeFileSync(join(system.home, 'control/concurrencyremote'), '7\n')
  userFile(joe, '.qmail', '|exit 111\n')
  const first = await system.supervise()
  const messages = ['waits', 'waits as well']
  for (const subject of messages) await system.run('inject', [`jim@${hostName}`], { as: joe, input: `Subject: ${subject}\n\nx\n` })
  await until('both have been tried', () => [...first.log.matchAll(/delivery \d+: deferral/g)].length === messages.length)
  await first.stop()

  const kept = (): string[] =>
    ['control', 'users', 'alias', 'queue/mess', 'queue/info', 'queue/local'].flatMap((part) =>
      readdirSync(join(system.home, part), { recursive: true, encoding: 'utf8' }).map((name) => {
        const { ino, mode, uid, gid, size, mtimeMs } = lstatSync(join(system.home, part, name))
        return [part, name, ino, mode, uid, gid, size, mtimeMs].join(' ')
      }),
    )
  const ids = async (): Promise<string[]> => Promise.all(before.map(async (role) => JSON.stringify(await system.account(role))))
  rmSync(join(system.home, 'control/apop'), { force: true }) // a home of before has none
  const state = kept()
  const accounts = await ids()
  const { stdout } = await system.make('install')
  t.equal([...stdout.matchAll(/^made account /gm)].length, roles.length - before.length, 'new accounts are made')
  t.match(stdout, /^this home goes on as before, without settings that new ones have: .*\bapop 0\b.*control\/README\.md/m)
  t.match(stdout, /^programs that run are still those of before: run service again/m)
  t.notMatch(stdout, 'config-fast', 'the home has its name')
  t.same(kept(), state)
  t.same(await ids(), accounts)
  t.match(await system.make('check-install'), { exitCode: 0, stdout: '' })
  for (const [name, value] of newSettings) writeFileSync(join(system.home, 'control', name), `${value}\n`)
  t.notMatch((await system.make('install')).stdout, 'this home goes on', 'it has them all')
  for (const role of before) t.equal(statSync(join(system.home, 'accounts', role)).uid, (await system.account(role)).uid, role)

  userFile(joe, '.qmail', './Maildir/\n')
  const second = await system.supervise()
  process.kill(second.pid, 'SIGALRM')
  await until('the messages that waited', () =>
    messages.every((subject) => mailOf(joe).some((one) => one.includes(`Subject: ${subject}\n`))),
  )
  const pop = await Dialogue.open(second.pop3Port, oneLine)
  await pop.say('USER jim', oneLine)
  t.match(await pop.say('PASS old secret', oneLine), /^\+OK/, 'the password is the same')
  await pop.say('QUIT', oneLine)
})

t.test('a home of the version before that is started without make install gets accounts/ of its owners', asRoot, async (t) => {
  const system = await System.make(t, 'joe')
  await takeBack(system)
  const running = await system.supervise(false)
  await running.logs(/made .*\/accounts, which says from now on who does what: queue \S+-queue, send \S+-send, .*, smtp \S+-smtp\n/)
  t.same(readdirSync(join(system.home, 'accounts')).sort(), [...before].sort())
  const joe = await system.user('joe')
  await system.run('inject', [`${joe.name}@${hostName}`], { as: joe, input: 'Subject: still\n\nx\n' })
  await until('a message', () => mailOf(joe).some((one) => one.includes('Subject: still')))
  const status = readFileSync(`/proc/${below(running.pid).find(({ program }) => program === 'smtpd')?.pid}/status`, 'latin1')
  t.match(status, `Uid:\t${(await system.account('smtp')).uid}\t`)
  for (const program of ['authd', 'sessiond']) {
    const { exitCode, stderr } = await system.run(program, program === 'authd' ? [] : ['bin/pop3d', 'Maildir'], { reject: false })
    t.equal(exitCode, 111, program)
    t.match(stderr, /accounts\/auth is missing, .*; make install sets it right/, `${program} says what POP3 needs`)
  }
})
