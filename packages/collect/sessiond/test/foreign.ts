/** control/checkpassword: a program of the administrator's that judges logins, with qmail's interface. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { oneLine } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { until } from '../../../../test/support/wait.ts'

const failed = '-ERR authorization failed\r\n'
const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later\r\n'

/** A home whose checker is this shell script. */
async function homeWith(t: { teardown(work: () => unknown): unknown }, script: (home: ScratchHome) => string): Promise<ScratchHome> {
  const home = await ScratchHome.make(t, 'kyoma')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  if (amRoot) giveAccounts(home)
  const checker = join(home.root, 'checker')
  writeFileSync(checker, `#!/bin/sh\n${script(home)}\n`)
  chmodSync(checker, 0o755)
  home.control('checkpassword', `${checker} an argument\n`)
  return home
}

/** Becomes the user as a checker does, and runs what it was told to. */
const letIn = (home: string): string =>
  amRoot
    ? `export HOME=${home} USER=kyoma; cd; exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`
    : `export HOME=${home} USER=kyoma; cd; exec "$@"`

t.test('it is given login and secret on descriptor 3 and its own arguments, and what it lets in has a session', async (t) => {
  const home = await homeWith(
    t,
    ({ root }) => `cat <&3 >${root}/third; echo "$1 $2" >${root}/words; shift 2; ${letIn(join(root, 'users/kyoma'))}`,
  )
  const logins = await Logins.start(t, home)
  const { greeting } = await logins.connect()
  t.equal(greeting, '+OK POP3\n', 'there is no APOP')
  const { pop, reply } = await logins.logIn('kyoma', 'any thing')
  t.equal(reply, '+OK \r\n')
  t.match(await pop.say('STAT', oneLine), /^\+OK /)
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  await logins.logs(/: end: pid \d+ status 0, /)
  t.equal(readFileSync(join(home.root, 'third'), 'latin1'), 'kyoma\0any thing\0\0')
  t.equal(readFileSync(join(home.root, 'words'), 'latin1'), 'an argument\n')
})

t.test('exit code 1 is a wrong password; any other end is trouble', async (t) => {
  for (const [script, reply] of [
    ['exit 1', failed],
    ['exit 111', notNow],
    ['exit 2', notNow],
    ['exit 0', notNow],
    ['kill -9 $$', notNow],
  ] as const) {
    const home = await homeWith(t, () => `cat <&3 >/dev/null; ${script}`)
    const logins = await Logins.start(t, home)
    t.equal((await logins.logIn('kyoma', 'x')).reply, reply, script)
    for (const name of ['popup', 'authd', 'sessiond'] as const) await logins.stop(name)
  }
})

t.test('one that hangs is ended with what it has started', async (t) => {
  const home = await homeWith(t, ({ root }) => `sleep 1000 & echo $! >${root}/pid; wait`)
  const logins = await Logins.start(t, home)
  t.equal((await logins.logIn('kyoma', 'x')).reply, notNow)
  await logins.logs(/^sessiond: kyoma: .*\/checker did not say whether the login is right$/m)
  const pid = Number(readFileSync(join(home.root, 'pid'), 'latin1'))
  await until('its child is gone, too', () => !existsSync(`/proc/${pid}`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
})

t.test('one that is not there, or that somebody else could have named, is trouble', async (t) => {
  const home = await homeWith(t, () => 'exit 1')
  const logins = await Logins.start(t, home)
  home.control('checkpassword', '/nosuch/checker\n')
  t.equal((await logins.logIn('kyoma', 'x')).reply, notNow)
  home.control('checkpassword', ' \n')
  t.equal((await logins.logIn('kyoma', 'x')).reply, notNow)
  home.control('checkpassword', '/bin/false\n')
  chmodSync(join(home.directory, 'control/checkpassword'), 0o666)
  t.equal((await logins.logIn('kyoma', 'x')).reply, notNow)
  await logins.logs(/^sessiond: kyoma: control\/checkpassword names a program that is believed: it and control\/ must be uid \d+'s, /m)
  chmodSync(join(home.directory, 'control/checkpassword'), 0o644)
  chmodSync(join(home.directory, 'control'), 0o777)
  t.equal((await logins.logIn('kyoma', 'x')).reply, notNow)
  chmodSync(join(home.directory, 'control'), 0o755)
  t.equal((await logins.logIn('kyoma', 'x')).reply, failed)
})
