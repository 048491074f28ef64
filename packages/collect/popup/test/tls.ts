/** TLS of POP3, by STLS and at once: popup keeps it and passes on what comes, so that pop3d is as ever. */
import { chmodSync, chownSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import { Dialogue, oneLine, untilDot } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { accountUids, giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { freePort } from '../../../../test/support/ports.ts'
import { age, checked, Listening } from './fixtures/listening.ts'

const year = 365 * 86_400_000
const home = await ScratchHome.make(t, 'kyoma')
if (amRoot) giveAccounts(home)
home.control('popextensions', '1\n')
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
home.userFile('kyoma', 'Maildir/new/1.a', `Subject: one\n\n${'first\n'.repeat(50_000)}`)
age(home, 'kyoma')

const pem = join(home.directory, 'control/servercert.pem')
writeFileSync(pem, selfSigned('mail.example.org', { from: new Date(), until: new Date(Date.now() + year) }))
chmodSync(pem, 0o640)
if (amRoot) chownSync(pem, 0, accountUids.front) // whose group has that number

const end = (): boolean => false

t.test('STLS, then a login, then pop3d to its end', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop, greeting } = await logins.connect()
  t.match(await pop.say('CAPA', untilDot), /\r\nSTLS\r\n/)
  t.equal(await pop.say('STLS now', oneLine), '-ERR STLS takes no argument\r\n')
  t.equal(await pop.say('USER kyoma', oneLine), '+OK \r\n')
  t.equal(await pop.say('STLS', oneLine), '+OK TLS begins\r\n')
  await pop.secure({ servername: 'mail.example.org' })
  t.equal(await pop.say('PASS geheim', oneLine), '-ERR USER first\r\n', 'what was said before is forgotten')
  t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
  t.equal(await pop.say('STLS', oneLine), '-ERR TLS is on already\r\n')
  t.equal(await pop.say('USER kyoma\r\nPASS geheim\r\nSTAT', (heard) => heard.split('\r\n').length > 3), '+OK \r\n+OK \r\n+OK 1 300014\r\n')
  const message = await pop.say('RETR 1', untilDot)
  t.equal(message.length, '+OK \r\n'.length + 350_016 + '\r\n.\r\n'.length, 'whole, and larger than any buffer between')
  t.equal(await pop.say('QUIT', end), '+OK \r\n')
  await logins.logs(/: end: pid \d+ status 0, /)
  t.match(logins.log, /^popup: 127\.0\.0\.1 \d+: tls TLSv1\.3 TLS_[A-Z0-9_]+: mail\.example\.org$/m)
  t.equal(greeting, '+OK POP3\n')
})

t.test('TLS at once: the greeting comes under it, and a wrong login is heard', async (t) => {
  const port = await freePort()
  const logins = await Logins.start(t, home, { more: ['--listen-tls', `127.0.0.1:${port}`] })
  const pop = await Dialogue.openTls(port, oneLine)
  t.equal(pop.transcript, '+OK POP3\n')
  t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
  await pop.say('USER kyoma', oneLine)
  t.equal(await pop.say('PASS guess', oneLine), '-ERR [AUTH] authorization failed\r\n')
  t.equal(await pop.say('USER kyoma\r\nPASS geheim\r\nQUIT', end), '+OK \r\n+OK \r\n+OK \r\n')
  const idle = await Dialogue.openTls(port, oneLine)
  await idle.say('USER kyoma', oneLine)
  await idle.say('PASS geheim', oneLine)
  await logins.stop('popup')
  t.equal(await idle.hear(end), '-ERR [SYS/TEMP] this session ends here; no message was removed\r\n', 'popup takes the session with it')
  await logins.logs(/: end: pid \d+ status /, 2)
})

t.test("a client that leaves ends its session; so it is with qmail's way", async (t) => {
  const port = await freePort()
  const listening = await Listening.start(t, home, checked, ['--listen-tls', `127.0.0.1:${port}`])
  const pop = await Dialogue.openTls(port, oneLine)
  t.equal(await pop.say('USER kyoma\r\nPASS geheim\r\nSTAT', (heard) => heard.split('\r\n').length > 3), '+OK \r\n+OK \r\n+OK 1 300014\r\n')
  pop.close()
  await listening.logs(/: end: pid \d+ status /)
})

t.test('what follows STLS in clear ends the connection', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop } = await logins.connect()
  t.equal(await pop.say('NOOP\r\nSTLS\r\nUSER kyoma\r\nPASS geheim', end), '+OK \r\n')
  await logins.logs(/: end: plaintext after STLS, /)
  const { pop: later } = await logins.connect()
  t.equal(await later.say('STLS', oneLine), '+OK TLS begins\r\n')
  await later.send(Buffer.from('USER kyoma\r\nPASS geheim\r\n'))
  await t.rejects(later.secure())
  await logins.logs(/: the TLS handshake failed: /)
})

t.test('as an old home, and without a certificate, there is no STLS', async (t) => {
  const old = await ScratchHome.make(t, 'kyoma')
  rmSync(join(old.directory, 'control/servercert.pem'))
  const listening = await Listening.start(t, old, checked)
  const { pop } = await listening.connect()
  t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
  t.equal(await pop.say('STLS', oneLine), '-ERR authorization first\r\n')
  home.control('popextensions', undefined)
  const logins = await Logins.start(t, home)
  t.equal(await (await logins.connect()).pop.say('STLS', oneLine), '-ERR authorization first\r\n')
  home.control('popextensions', '1\n')
})
