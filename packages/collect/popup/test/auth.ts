/** AUTH of POP3 (RFC 5034): every mechanism to its end, under TLS with its binding, and what is no login. */
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tlsBindingBytes } from '@yabumi/limits'
import { encodeBase64, startClient } from '@yabumi/sasl'
import { selfSigned } from '@yabumi/selfsigned'
import t from 'tap'
import { type Dialogue, oneLine, untilDot } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { accountUids, giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { age } from './fixtures/listening.ts'

const year = 365 * 86_400_000
const home = await ScratchHome.make(t, 'kyoma')
if (amRoot) giveAccounts(home)
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
age(home, 'kyoma')
const pem = join(home.directory, 'control/servercert.pem')
writeFileSync(pem, selfSigned('mail.example.org', { from: new Date(), until: new Date(Date.now() + year) }))
chmodSync(pem, 0o640)
if (amRoot) chownSync(pem, 0, accountUids.front)

/** @returns the answer to the last response */
async function logIn(pop: Dialogue, name: string, secret: string, binding?: Buffer): Promise<string> {
  const client = startClient(name, { login: 'kyoma', secret }, binding)
  let answer = await pop.say(`AUTH ${name}`, oneLine)
  let { initial } = client
  while (answer.startsWith('+ ')) {
    const response = initial ?? (await client.respond(Buffer.from(answer.slice(2), 'base64').toString('latin1')))
    initial = undefined
    answer = await pop.say(encodeBase64(response ?? ''), oneLine)
  }
  return answer
}

t.test('each mechanism opens the mailbox with the right password alone', async (t) => {
  const logins = await Logins.start(t, home)
  for (const name of ['SCRAM-SHA-256', 'PLAIN', 'LOGIN']) {
    const { pop } = await logins.connect()
    t.match(await pop.say('CAPA', untilDot), /\r\nSASL SCRAM-SHA-256 PLAIN LOGIN\r\n/)
    t.equal(await logIn(pop, name, 'falsch'), '-ERR [AUTH] authorization failed\r\n', name)
    t.match(await logIn(pop, name, 'geheim'), /^\+OK/, name)
    t.equal(await pop.say('STAT', oneLine), '+OK 1 20\r\n', name)
  }
  const { pop } = await logins.connect()
  t.match(await pop.say(`AUTH PLAIN ${encodeBase64('\0kyoma\0geheim')}`, oneLine), /^\+OK/, 'with the command')
})

t.test('what is no login is told, and none of it opens anything', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop } = await logins.connect()
  t.equal(await pop.say('AUTH', untilDot), '+OK mechanisms follow\r\nSCRAM-SHA-256\r\nPLAIN\r\nLOGIN\r\n.\r\n')
  t.equal(await pop.say('AUTH GSSAPI', oneLine), '-ERR [AUTH] no such mechanism\r\n')
  t.equal(await pop.say('AUTH PLAIN !', oneLine), '-ERR [AUTH] that is no response of this mechanism\r\n')
  t.equal(await pop.say('AUTH PLAIN', oneLine), '+ \r\n')
  t.equal(await pop.say('*', oneLine), '-ERR [AUTH] the login was given up\r\n')
})

t.test('under TLS the binding is offered as well', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop } = await logins.connect()
  t.equal(await pop.say('STLS', oneLine), '+OK TLS begins\r\n')
  const socket = await pop.secure({ servername: 'mail.example.org' })
  const binding = socket.exportKeyingMaterial(tlsBindingBytes, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
  t.match(await pop.say('CAPA', untilDot), /\r\nSASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n/)
  t.match(await logIn(pop, 'SCRAM-SHA-256-PLUS', 'geheim', Buffer.alloc(tlsBindingBytes)), /^-ERR \[AUTH\]/, 'somebody is between')
  t.match(await logIn(pop, 'SCRAM-SHA-256-PLUS', 'geheim', binding), /^\+OK/)
})
