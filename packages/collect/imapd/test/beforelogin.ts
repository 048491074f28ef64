// IMAP before login, with the programs that judge a login behind it.
import { imapTries, sessionWordBytes } from '@yabumi/limits'
import t from 'tap'
import { Dialogue, oneLine } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'

const home = await ScratchHome.make(t, 'kyoma')
if (amRoot) giveAccounts(home)
home.control('servercert.pem', undefined) // without it nobody is offered TLS, whoever runs this
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
const logins = await Logins.start(t, home, { front: 'imapd' })

async function connect(): Promise<Dialogue> {
  const client = await Dialogue.open(logins.port, oneLine)
  t.teardown(() => client.close())
  return client
}

/** Whether the command with this tag has been answered. */
const answered = (tag: string) => (heard: string) => heard.startsWith(`${tag} `) || heard.includes(`\r\n${tag} `)

t.test('the greeting and CAPABILITY have the mechanisms that authd offers', async (t) => {
  const client = await connect()
  t.match(client.transcript, /^\* OK \[CAPABILITY IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL\+ AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN\] /)
  t.match(await client.say('a CAPABILITY', answered('a')), /^\* CAPABILITY IMAP4rev1 .*\r\na OK /)
  t.match(await client.say('b id ("name" "x")', answered('b')), /^\* ID \("name" "yabumi"\)\r\nb OK /)
  t.match(await client.say('c NOOP', answered('c')), /^c OK /)
  t.match(await client.say('d LOGOUT', answered('d')), /^\* BYE .*\r\nd OK /)
})

t.test('LOGIN takes words, quoted strings and literals, and the program behind answers its tag', async (t) => {
  for (const words of ['kyoma geheim', '"kyoma" "geheim"', '{5+}\r\nkyoma {6+}\r\ngeheim']) {
    const client = await connect()
    t.match(await client.say(`t.1 login ${words}`, answered('t.1')), /^t\.1 OK \[CAPABILITY [^\]]+\] /, words)
  }
  const waits = await connect()
  t.equal(await waits.say('a LOGIN {5}', oneLine), '+ OK\r\n')
  t.equal(await waits.say('kyoma {6}', oneLine), '+ OK\r\n')
  t.match(await waits.say('geheim', answered('a')), /^a OK /)
})

t.test('what is sent at once after a login is for the program behind', async (t) => {
  const client = await connect()
  t.match(await client.say('a LOGIN kyoma geheim\r\nb NOOP\r\nc LOGOUT', answered('c')), /^a OK .*\r\nb OK .*\r\n\* BYE .*\r\nc OK /)
})

t.test('AUTHENTICATE with a response, with none, and given up', async (t) => {
  const plain = Buffer.from('\0kyoma\0geheim').toString('base64')
  t.match(await (await connect()).say(`a AUTHENTICATE PLAIN ${plain}`, answered('a')), /^a OK /)
  const asked = await connect()
  t.equal(await asked.say('a authenticate plain', oneLine), '+ \r\n')
  t.match(await asked.say('*', answered('a')), /^a BAD /)
  t.equal(await asked.say('b AUTHENTICATE PLAIN', oneLine), '+ \r\n')
  t.match(await asked.say(plain, answered('b')), /^b OK /)
  const other = await connect()
  t.match(await other.say('a AUTHENTICATE KERBEROS', answered('a')), /^a NO /)
  t.match(await other.say('b AUTHENTICATE PLAIN %%%', answered('b')), /^b BAD /)
})

t.test('a wrong login is AUTHENTICATIONFAILED, and the last of them ends the connection', async (t) => {
  const client = await connect()
  for (let n = 1; n < imapTries; n += 1)
    t.match(await client.say(`a${n} LOGIN kyoma guess`, answered(`a${n}`)), `a${n} NO [AUTHENTICATIONFAILED]`)
  t.match(await client.say('z LOGIN kyoma guess', () => false), /^z NO \[AUTHENTICATIONFAILED\] .*\r\n\* BYE .*\r\n$/)
})

t.test('commands that are none, or of later, are BAD, and the third ends the connection', async (t) => {
  const client = await connect()
  t.match(await client.say('a SELECT INBOX', answered('a')), /^a BAD /)
  t.match(await client.say('', oneLine), /^\* BAD /)
  t.match(await client.say('c STARTTLS', () => false), /^c BAD .*\r\n\* BYE /)
  const long = 'x'.repeat(sessionWordBytes)
  t.match(await (await connect()).say(`${long} LOGIN kyoma geheim`, answered(long)), `${long} OK`)
  t.match(await (await connect()).say(`${long}x LOGIN kyoma geheim`, oneLine), /^\* BAD /)
})

t.test('without authd a login is UNAVAILABLE, which is no wrong password', async (t) => {
  const client = await connect()
  await logins.stop('authd')
  t.match(await client.say('a LOGIN kyoma geheim', () => false), /^a NO \[UNAVAILABLE\] /)
})
