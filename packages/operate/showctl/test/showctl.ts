import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkout, ScratchHome } from '../../../arrive/smtpd/test/scratch/home.ts'

function showctl(home: ScratchHome): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(join(checkout, 'bin/showctl'), { env: home.environment(), encoding: 'latin1' })
  return { status, stdout }
}

/** What is said about one file. */
function about(home: ScratchHome, name: string): string | undefined {
  const { stdout } = showctl(home)
  return stdout
    .split(/\n(?=\n[^\n ]+: )/)
    .find((block) => block.startsWith(`\n${name}: `))
    ?.slice(name.length + 3)
}

t.test('showctl shows what holds without a file, from control/me where that counts', async (t) => {
  const home = new ScratchHome(t)
  const { status, stdout } = showctl(home)
  t.equal(status, 0)
  t.match(stdout, `qmail home directory: ${home.path}.\nuser-ext delimiter: -.\npaternalism (in decimal): 2.\n`)
  t.equal(about(home, 'helohost'), '(Default.) SMTP client HELO host name is test.example.')
  t.equal(about(home, 'bouncefrom'), '(Default.) Bounce user name is MAILER-DAEMON.')
  t.equal(about(home, 'locals'), '(Default.) Messages for me are delivered locally.')
  rmSync(join(home.path, 'control/me'))
  t.equal(about(home, 'helohost'), '(Default.) SMTP client HELO host name is helohost.')
  t.equal(about(home, 'me'), '(Default.) My name is undefined! Uh-oh.')
})

t.test('showctl shows values as the programs read them', async (t) => {
  const home = new ScratchHome(t, { databytes: '0100x\n', locals: '# no\na\n\n\xe9 \n', bouncefrom: 'b \t\nc\n', queuelifetime: 'x\n' })
  t.match(about(home, 'databytes'), /^SMTP DATA limit is 100 bytes\.\nOops! control\/databytes line 1: counts as 100: /)
  t.match(about(home, 'queuelifetime'), /^\(Default\.\) Message lifetime in the queue is 604800 seconds\.\n/)
  t.equal(about(home, 'bouncefrom'), 'Bounce user name is b.')
  t.match(about(home, 'locals'), '\nMessages for a are delivered locally.\nMessages for ?? are delivered locally.\n')
})

t.test('showctl tells whether morercpthosts.cdb is up to date', async (t) => {
  const home = new ScratchHome(t)
  const file = (name: string): string => join(home.path, 'control', name)
  t.equal(about(home, 'morercpthosts.cdb'), '(Default.) No effect.')
  writeFileSync(file('morercpthosts'), 'a\n')
  t.equal(about(home, 'morercpthosts.cdb'), "Oops! morercpthosts exists but morercpthosts.cdb doesn't.")
  t.equal(about(home, 'morercpthosts'), "\nNo rcpthosts; doesn't matter that morercpthosts has a.")
  writeFileSync(file('rcpthosts'), 'b\n')
  t.equal(about(home, 'morercpthosts'), '\nSMTP clients may send messages to recipients at a.')
  writeFileSync(file('morercpthosts.cdb'), '')
  t.equal(about(home, 'morercpthosts.cdb'), 'Modified recently enough; hopefully up to date.')
  utimesSync(file('morercpthosts.cdb'), 1, 1)
  t.equal(about(home, 'morercpthosts.cdb'), 'Oops! morercpthosts.cdb is older than morercpthosts.')
  rmSync(file('morercpthosts'))
  t.equal(about(home, 'morercpthosts.cdb'), "Oops! morercpthosts.cdb exists but morercpthosts doesn't.")
})

t.test('showctl names files that nobody reads, and our own', async (t) => {
  const home = new ScratchHome(t, { rcpthost: 'typo\n', resolvers: '192.0.2.53\n' })
  t.equal(about(home, 'rcpthost'), 'I have no idea what this file does.\n')
  t.equal(about(home, 'resolvers'), '\nDNS server: 192.0.2.53.')
})

t.test('showctl says nothing of the samples and the page that a checkout has in control/', async (t) => {
  const home = new ScratchHome(t, { 'locals.sample': 'x\n', 'rcpthost.sample': 'x\n' })
  t.match(about(home, 'locals.sample'), 'I have no idea what this file does.', 'as ever in other homes')
  writeFileSync(join(home.path, 'control/README.md'), '# control\n')
  t.equal(about(home, 'README.md'), undefined)
  t.equal(about(home, 'locals.sample'), undefined)
  t.match(about(home, 'rcpthost.sample'), 'I have no idea what this file does.', 'a sample of nothing')
})

t.test('showctl goes on behind a file that it cannot read, but not without control/me or control/', async (t) => {
  const home = new ScratchHome(t)
  mkdirSync(join(home.path, 'control/locals'))
  t.equal(about(home, 'locals'), 'Oops! Trouble reading this file.')
  t.equal(showctl(home).status, 0)
  rmSync(join(home.path, 'control/me'))
  mkdirSync(join(home.path, 'control/me'))
  t.match(showctl(home), { status: 111, stdout: /\nOops! Trouble reading control\/me\.$/ })
  rmSync(join(home.path, 'control'), { recursive: true })
  t.match(showctl(home), { status: 111, stdout: /\nOops! Unable to chdir to control\.\n$/ })
})

t.test('B3: showctl names the lines that do not count, with the file that they stand in', async (t) => {
  const home = new ScratchHome(t, { rcpthosts: '\ufeffa.example\r\nb example\r\n', smtproutes: ':relay:abc\n', databytes: 'x\n' })
  t.equal(
    about(home, 'rcpthosts'),
    '\nSMTP clients may send messages to recipients at a.example.\nSMTP clients may send messages to recipients at b example.\nOops! control/rcpthosts line 1: begins with a byte order mark, which does not count; save it without.\nOops! control/rcpthosts line 2: no domain has such bytes, so it stands for none.',
  )
  t.equal(
    about(home, 'smtproutes'),
    '\nSMTP route: :relay:abc\nOops! control/smtproutes line 1: the port is no number, so the usual one is meant.',
  )
  t.match(about(home, 'databytes'), /^\(Default\.\) .*\nOops! control\/databytes line 1: /)
})
