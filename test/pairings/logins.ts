/** Descriptor 3 in both directions: our checkpassword below Dovecot, and a checkpassword of others below our popup. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { age, digest, Listening } from '../../packages/collect/popup/test/fixtures/listening.ts'
import { runPeer, workplace } from '../peers/support/peer.ts'
import { type Dialogue, oneLine, untilDot } from '../support/dialogue.ts'
import { amRoot, hostName, ScratchHome, userAccount } from '../support/home.ts'
import { freePort } from '../support/ports.ts'
import { find, missing } from '../support/programs.ts'
import { until } from '../support/wait.ts'

const password = 'secret of joe'
const letter = 'From: a@b.example\nSubject: stored\n\nhello\n'

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => socket.destroy()).once('error', () => undefined)
    socket.once('close', (failed) => resolve(!failed))
  })
}

/** Dovecot with one password source and everything else small; a normal user may run it as well. */
function dovecotSettings(directory: string, port: number, checkpassword: string): string {
  const { username } = userInfo()
  const account = `default_internal_user = ${username}\ndefault_login_user = ${username}\ndefault_internal_group =\n`
  return `base_dir = ${directory}/run
state_dir = ${directory}/run
log_path = ${directory}/log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_vsz_limit = 0
auth_failure_delay = 0
${amRoot ? '' : account}mail_location = maildir:~/Maildir
passdb {
  driver = checkpassword
  args = ${checkpassword}
}
userdb {
  driver = prefetch
}
${amRoot ? 'service auth {\n  user = root\n}\n' : 'service anvil {\n  chroot =\n}\n'}
service pop3-login {
  ${amRoot ? '' : 'chroot =\n'}
  inet_listener pop3 {
    port = ${port}
  }
  inet_listener pop3s {
    port = 0
  }
}
`
}

t.test("Dovecot logs users in by our checkpassword, and reads local's Maildir", { skip: missing('dovecot', 'curl') }, async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  home.control('apop', undefined)
  await home.run('setpassword', ['joe'], { input: `${password}\n` })
  const running = await home.supervise()
  await home.inject(['-fa@b.example', `joe@${hostName}`], letter)
  await running.emptied()
  const place = workplace(home, 'dovecot')
  mkdirSync(join(place, 'run'))
  const script = join(place, 'checkpassword')
  writeFileSync(script, `#!/bin/sh\nYABUMI_HOME=${home.directory} INSECURE_SETUID=1 exec ${home.directory}/bin/checkpassword "$@"\n`)
  chmodSync(script, 0o755)
  const port = await freePort()
  writeFileSync(join(place, 'conf'), dovecotSettings(place, port, script))
  const dovecot = execa(find('dovecot') ?? '', ['-F', '-c', join(place, 'conf')], { stdio: 'ignore', reject: false })
  t.teardown(async () => {
    dovecot.kill('SIGTERM')
    await dovecot
  })
  await until('Dovecot accepts', () => accepts(port))
  const url = `pop3://127.0.0.1:${port}/1`
  const text = await runPeer(place, 'curl', ['-sS', '--user', `joe:${password}`, url])
  t.match(text.replaceAll('\r\n', '\n'), /^Return-Path: <a@b\.example>\nDelivered-To: joe@mail\.test\.example\n/)
  t.ok(text.replaceAll('\r\n', '\n').endsWith(letter), text)
  await t.rejects(runPeer(place, 'curl', ['-sS', '--user', 'joe:guess', url]), { message: /^curl ended with 67:/ })
})

const asRoot = amRoot ? missing('checkpw', 'checkapoppw', 'unshare') : 'only root can give checkpw an account'

for (const [program, method] of [
  ['checkpw', 'user'],
  ['checkapoppw', 'apop'],
] as const) {
  t.test(`popup lets users in whom ${program} accepts, and runs pop3d below it`, { skip: asRoot }, async (t) => {
    const home = await ScratchHome.make(t, 'joe')
    home.control('popextensions', undefined) // as an old home: replies are qmail's
    home.control('apop', undefined)
    const directory = home.userHome('joe')
    const { uid, gid } = userAccount
    home.userFile('joe', 'Maildir/.password', `${password}\n`)
    home.userFile('joe', 'Maildir/new/930000000.1.blue', letter)
    age(home, 'joe')
    // checkpw knows the accounts of the system: it gets a system with one more of them
    const accounts = join(home.root, 'passwd')
    writeFileSync(accounts, `root:x:0:0::/root:/bin/sh\njoe:x:${uid}:${gid}::${directory}:/bin/sh\n`)
    const wrapper = join(home.root, 'wrapper')
    const inside = `mount --bind ${accounts} /etc/passwd && exec ${program} "$@"`
    writeFileSync(wrapper, `#!/bin/sh\nexec unshare -m sh -c '${inside}' sh "$@"\n`, { mode: 0o755 })
    chownSync(wrapper, 0, 0)
    const popup = await Listening.start(t, home, [wrapper, join(home.directory, 'bin/pop3d'), 'Maildir'])
    const logIn = async (secret: string): Promise<[Dialogue, string]> => {
      if (method === 'user') {
        const { pop, reply } = await popup.logIn('joe', secret)
        return [pop, reply]
      }
      const { pop, challenge } = await popup.connect()
      return [pop, await pop.say(`APOP joe ${digest(challenge, secret)}`, oneLine)]
    }
    const [pop, reply] = await logIn(password)
    t.equal(reply, '+OK \r\n')
    t.equal(await pop.say('RETR 1', untilDot), `+OK \r\n${letter.replaceAll('\n', '\r\n')}\r\n.\r\n`)
    t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
    t.equal((await logIn('guess'))[1], '-ERR authorization failed\r\n')
  })
}
