/** control/oauth: a program of the administrator's that judges tokens, for POP3 and for sending mail. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBase64, startClient } from '@yabumi/sasl'
import t, { type Test } from 'tap'
import { Dialogue, oneLine, smtpReply, untilDot } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { accountUids, giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { freePort } from '../../../../test/support/ports.ts'
import { until } from '../../../../test/support/wait.ts'

const said = (name: 'OAUTHBEARER' | 'XOAUTH2', token: string): string =>
  `AUTH ${name} ${encodeBase64(startClient(name, { login: 'kyoma', secret: token }, undefined).initial ?? '')}`

/** A home whose checker is this shell script, in which OUT is a directory that anybody may write. */
async function homeWith(t: Test, script: string): Promise<{ home: ScratchHome; out: string }> {
  const home = await ScratchHome.make(t, 'kyoma')
  const out = home.root
  chmodSync(out, 0o777)
  const checker = join(home.root, 'tokens')
  writeFileSync(checker, `#!/bin/sh\nOUT=${out}\n${script}\n`)
  chmodSync(checker, 0o755)
  home.control('oauth', `${checker} realm\n`)
  return { home, out }
}

async function withLogins(t: Test, script: string): Promise<{ logins: Logins; out: string }> {
  const { home, out } = await homeWith(t, script)
  if (amRoot) giveAccounts(home)
  return { logins: await Logins.start(t, home), out }
}

t.test('it reads login and token as account check, and what it knows has a session', async (t) => {
  const { logins, out } = await withLogins(t, 'cat <&3 >$OUT/third; id -u >$OUT/uid; echo $* >$OUT/words; grep -qa good $OUT/third')
  for (const name of ['OAUTHBEARER', 'XOAUTH2'] as const) {
    const { pop } = await logins.connect()
    t.match(await pop.say('CAPA', untilDot), / PLAIN LOGIN OAUTHBEARER XOAUTH2\r\n/)
    t.match(await pop.say(said(name, 'good.1'), oneLine), /^\+OK/, name)
    t.match(await pop.say('STAT', oneLine), /^\+OK 0 0/)
    await pop.say('QUIT', oneLine)
  }
  t.equal(readFileSync(join(out, 'third'), 'latin1'), 'kyoma\0good.1\0\0')
  t.equal(readFileSync(join(out, 'words'), 'latin1'), 'realm\n')
  t.equal(Number(readFileSync(join(out, 'uid'), 'latin1')), amRoot ? accountUids.check : process.getuid?.())
})

t.test('a token that it refuses is explained, answered, and then wrong', async (t) => {
  const { logins } = await withLogins(t, 'cat <&3 >/dev/null; exit 1')
  for (const [name, answer] of [
    ['OAUTHBEARER', 'AQ=='],
    ['XOAUTH2', ''],
  ] as const) {
    const { pop } = await logins.connect()
    const challenge = await pop.say(said(name, 'bad'), oneLine)
    t.match(challenge, /^\+ /, name)
    t.match(JSON.parse(Buffer.from(challenge.slice(2), 'base64').toString('latin1')), { schemes: 'bearer', scope: 'mail' })
    t.equal(await pop.say(answer, oneLine), '-ERR [AUTH] authorization failed\r\n')
  }
})

t.test('one that fails, or hangs, is trouble; what it has started ends with it', async (t) => {
  const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later\r\n'
  const { logins, out } = await withLogins(t, 'grep -qa odd <&3 && exit 111; sleep 1000 & echo $! >$OUT/pid; wait')
  t.equal(await (await logins.connect()).pop.say(said('XOAUTH2', 'odd'), oneLine), notNow)
  t.equal(await (await logins.connect()).pop.say(said('XOAUTH2', 'slow'), oneLine), notNow)
  await logins.logs(/^sessiond: kyoma: .*\/tokens did not say whether the token is right$/m)
  const pid = Number(readFileSync(join(out, 'pid'), 'latin1'))
  await until('its child is gone, too', () => !existsSync(`/proc/${pid}`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
})

t.test('one that somebody else could have named is not asked', async (t) => {
  const { logins } = await withLogins(t, 'exit 0')
  chmodSync(join(logins.home.directory, 'control/oauth'), 0o666)
  t.match(await (await logins.connect()).pop.say(said('XOAUTH2', 'x'), oneLine), /^-ERR \[SYS\/TEMP\]/)
  await logins.logs(/^sessiond: kyoma: control\/oauth names a program that is believed: /m)
})

t.test('without the file no token is anything', async (t) => {
  const { home } = await homeWith(t, 'exit 0')
  home.control('oauth', undefined)
  if (amRoot) giveAccounts(home)
  const { pop } = await (await Logins.start(t, home)).connect()
  t.notMatch(await pop.say('CAPA', untilDot), 'OAUTH')
  t.equal(await pop.say(said('OAUTHBEARER', 'x'), oneLine), '-ERR [AUTH] no such mechanism\r\n')
})

t.test('submission offers it as well', async (t) => {
  const { home } = await homeWith(t, 'grep -qa good <&3')
  const running = await home.supervise({ smtp: [], pop3: [], submission: [`127.0.0.1:${await freePort()}`] })
  const client = await Dialogue.open(running.submissionPort, smtpReply)
  t.teardown(() => client.close())
  t.match(await client.say('EHLO x', smtpReply), /^250-AUTH .*PLAIN LOGIN OAUTHBEARER XOAUTH2\r$/m)
  t.match(await client.say(said('OAUTHBEARER', 'bad'), smtpReply), /^334 eyJ/)
  t.match(await client.say('AQ==', smtpReply), /^535 /)
  t.match(await client.say(said('OAUTHBEARER', 'good'), smtpReply), /^235 /)
})
