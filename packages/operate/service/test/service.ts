import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverDataMegabytes } from '@yabumi/limits'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { amRoot } from '../../../../test/support/home.ts'

const service = join(import.meta.dirname, '../../../../bin/service')

function scratch(test: Test, name = 'home'): { home: string; directory: string } {
  const root = test.testdir({ [name]: { control: { me: 'me.example\n' } } })
  return { home: join(root, name), directory: join(root, 'services') }
}

function write(home: string, ...args: string[]) {
  return execa(service, args, { env: { YABUMI_HOME: home }, reject: false })
}

/** Every file below a directory, with its text and mode. */
function files(directory: string): Map<string, { text: string; mode: number; changed: number }> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
  return new Map(
    names.flatMap((name) => {
      const path = join(directory, name)
      const stat = statSync(path)
      return stat.isFile() ? [[name, { text: readFileSync(path, 'utf8'), mode: stat.mode & 0o777, changed: stat.ctimeMs }]] : []
    }),
  )
}

const limit = `[ "$(ulimit -S -d)" != unlimited ] || ulimit -S -d ${serverDataMegabytes * 1024}`

t.test('daemontools gets seven services, each with its logger', async (t) => {
  const { home, directory } = scratch(t)
  t.equal((await write(home, 'daemontools', directory)).exitCode, 0)
  const written = files(directory)
  const names = ['authd', 'pop3', 'queue', 'recipientd', 'send', 'sessiond', 'smtpd'].flatMap((name) => [`${name}/log/run`, `${name}/run`])
  t.same([...written.keys()], names)
  for (const [name, { text, mode }] of written) {
    t.equal(mode, 0o755, name)
    t.equal((await execa('/bin/sh', ['-n'], { input: text, reject: false })).exitCode, 0, `${name} is a shell script`)
  }
  for (const name of ['queue', 'smtpd', 'recipientd', 'pop3', 'authd', 'sessiond'])
    t.match(written.get(`${name}/run`)?.text, `\n${limit}\nexec env - `, name)
  t.match(written.get('send/run')?.text, '\nexec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-\n', 'what the supervisor had open')
  t.notMatch(written.get('send/run')?.text, 'ulimit', 'programs of users are not limited')
  t.match(written.get('smtpd/run')?.text, / bin\/smtpd --listen 127\.0\.0\.1:2525\n$/)
  t.match(written.get('pop3/run')?.text, / bin\/popup --listen 127\.0\.0\.1:1110 me\.example login bin\/pop3d --delivered\n$/)
  t.match(
    written.get('queue/run')?.text,
    `exec env - PATH=${home}/bin:/usr/local/bin:/usr/bin:/bin YABUMI_HOME=${home} bin/queue --listen\n`,
  )
  t.match(written.get('send/log/run')?.text, /^exec multilog t .* \.\/main$/m)
})

t.test('--smtp-rules is handed to smtpd', async (t) => {
  const { home, directory } = scratch(t)
  t.equal((await write(home, 's6', directory, '--smtp-rules', 'control/smtp clients')).exitCode, 0)
  t.match(files(directory).get('smtpd/run')?.text, / --listen 127\.0\.0\.1:2525 --rules 'control\/smtp clients' --ready-fd 3\n$/)
})

t.test('s6 gets readiness besides', async (t) => {
  const { home, directory } = scratch(t)
  t.equal((await write(home, 's6', directory, '--smtp', '0.0.0.0:25', '--smtp', '[::]:25', '--pop3', '[::1]:110')).exitCode, 0)
  const written = files(directory)
  for (const name of ['queue', 'send', 'smtpd', 'recipientd', 'pop3', 'authd', 'sessiond']) {
    t.equal(written.get(`${name}/notification-fd`)?.text, '3\n')
    if (name !== 'send') t.match(written.get(`${name}/run`)?.text, / --ready-fd 3\b/)
    t.match(written.get(`${name}/run`)?.text, '\nexec 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-\n', 'but for the one that says ready')
  }
  t.match(written.get('smtpd/run')?.text, / --listen 0\.0\.0\.0:25 --listen '\[::\]:25' /)
  t.notMatch(written.get('smtpd/run')?.text, '--rules')
  t.match(written.get('send/run')?.text, /^s6-svwait -U .* \.\.\/queue$/m)
  t.match(written.get('send/log/run')?.text, /^exec s6-log -d 3 .* \.\/main$/m)
})

t.test('runit gets what daemontools gets, with svlogd, whose directory is made first', async (t) => {
  const { home, directory } = scratch(t)
  t.equal((await write(home, 'runit', directory)).exitCode, 0)
  const written = files(directory)
  await write(home, 'daemontools', join(directory, '../others'))
  const others = files(join(directory, '../others'))
  t.same([...written.keys()], [...others.keys()])
  for (const name of [...written.keys()].filter((path) => !path.endsWith('/log/run')))
    t.equal(written.get(name)?.text, others.get(name)?.text, name)
  t.match(written.get('send/log/run')?.text, /\nmkdir -p main\nexec svlogd -t \.\/main\n$/)
})

t.test('running it again changes nothing, and what an operator added stays', async (t) => {
  const { home, directory } = scratch(t)
  await write(home, 'daemontools', directory)
  mkdirSync(join(directory, 'smtpd/log/main'))
  writeFileSync(join(directory, 'smtpd/log/main/current'), 'a log line\n')
  writeFileSync(join(directory, 'pop3/down'), '')
  const before = files(directory)
  t.equal((await write(home, 'daemontools', directory)).exitCode, 0)
  t.same(files(directory), before)
})

t.test('a change of address changes one file', async (t) => {
  const { home, directory } = scratch(t)
  await write(home, 'daemontools', directory)
  const before = files(directory)
  await write(home, 'daemontools', directory, '--smtp', '127.0.0.1:25')
  const after = files(directory)
  t.same(
    [...after.keys()].filter((name) => after.get(name)?.text !== before.get(name)?.text),
    ['smtpd/run'],
  )
})

t.test('a home with blanks and quotes in its name is one word of the scripts', async (t) => {
  const { home, directory } = scratch(t, "joe's mail $HOME")
  await write(home, 'daemontools', directory)
  const run = files(directory).get('queue/run')?.text ?? ''
  const shown = run.replace(/exec env - (.*) bin\/queue --listen/, 'pwd; env - $1 env')
  const { stdout } = await execa('/bin/sh', { input: shown })
  t.equal(stdout.split('\n')[0], home)
  t.match(stdout, `YABUMI_HOME=${home}`)
})

t.test('what cannot work is one line that names it, and the exit code', async (t) => {
  const { home, directory } = scratch(t)
  const complaint = async (inHome: string, ...args: string[]) => {
    const { stderr, exitCode } = await write(inHome, ...args)
    t.match(stderr, /^service: [^\n]+$/)
    return { stderr, exitCode }
  }
  t.match(await complaint(home), { stderr: /usage: service daemontools\|s6\|s6-rc\|runit DIR/, exitCode: 100 })
  t.match(await complaint(home, 'upstart', directory), { stderr: /usage/, exitCode: 100 })
  t.match(await complaint(home, 's6', directory, 'more'), { stderr: /usage/, exitCode: 100 })
  t.match(await complaint(home, 's6', directory, '--port', '25'), { stderr: /port/, exitCode: 100 })
  t.match(await complaint(home, 's6', directory, '--smtp', '25'), { stderr: /25 is not an address/, exitCode: 100 })
  t.match(await complaint('/no/such/home', 's6', directory), { stderr: /\/no\/such\/home/, exitCode: 111 })
  t.match(await complaint(directory.replace('services', ''), 's6', directory), { stderr: /control\/me is missing/, exitCode: 111 })
  writeFileSync(directory, 'a file')
  t.match(await complaint(home, 's6', directory), { stderr: /services\/queue\/run: /, exitCode: 111 })
})

t.test(
  'loggers are the account of the logs, and what root’s loggers have written is given to it',
  { skip: !amRoot && 'only root has others' },
  async (t) => {
    const { home, directory } = scratch(t)
    const nobody = 65_534
    mkdirSync(join(home, 'accounts'))
    writeFileSync(join(home, 'accounts/log'), '')
    chownSync(join(home, 'accounts/log'), nobody, 0)
    mkdirSync(join(directory, 'smtpd/log/main'), { recursive: true })
    writeFileSync(join(directory, 'smtpd/log/main/current'), 'a line of before\n')
    symlinkSync('/etc/hostname', join(directory, 'smtpd/log/main/link'))
    for (const [kind, become] of [
      ['daemontools', 'setuidgid nobody multilog'],
      ['s6', 's6-setuidgid nobody s6-log'],
      ['runit', 'chpst -u nobody svlogd'],
    ] as const) {
      t.equal((await write(home, kind, directory)).exitCode, 0)
      for (const name of ['queue', 'send', 'smtpd', 'recipientd', 'pop3', 'authd', 'sessiond']) {
        t.match(files(directory).get(`${name}/log/run`)?.text, new RegExp(`^exec ${become} `, 'm'))
        t.equal(statSync(join(directory, name, 'log/main')).uid, nobody, name)
        t.equal(statSync(join(directory, name, 'log')).uid, 0)
      }
    }
    t.equal(statSync(join(directory, 'smtpd/log/main/current')).uid, nobody)
    t.equal(statSync('/etc/hostname').uid, 0, 'and no link is followed')
  },
)
