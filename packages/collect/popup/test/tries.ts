// control/popextensions 1: what clients of today expect of POP3 before login.
import { createHash } from 'node:crypto'
import { popTries, popWrongSeconds } from '@yabumi/limits'
import { Client } from '@yabumi/loginclient'
import { socketPair } from '@yabumi/posix'
import t from 'tap'
import { type Dialogue, oneLine, untilDot } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { converse } from '../src/login.ts'
import { age, Listening } from './fixtures/listening.ts'

const refused = '-ERR [AUTH] authorization failed\r\n'
const capabilities = [
  '+OK capabilities follow',
  'USER',
  'TOP',
  'UIDL',
  'RESP-CODES',
  'AUTH-RESP-CODE',
  'PIPELINING',
  'EXPIRE NEVER',
  'IMPLEMENTATION yabumi',
  '.\r\n',
].join('\r\n')

const home = await ScratchHome.make(t, 'kyoma', 'ann')
if (amRoot) giveAccounts(home)
home.control('servercert.pem', undefined) // without it nobody is offered TLS, whoever runs this
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
age(home, 'kyoma')

const endlessly = (): boolean => false

t.test('a new home speaks it; without the file popup and pop3d reply as qmail', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop } = await logins.connect()
  t.equal(await pop.say('CAPA', untilDot), capabilities.replace('\r\n.\r\n', '\r\nSASL SCRAM-SHA-256 PLAIN LOGIN\r\n.\r\n'))
  await pop.say('USER kyoma', oneLine)
  await pop.say('PASS geheim', oneLine)
  t.equal(await pop.say('capa', untilDot), capabilities, 'after login, too')
  t.equal(await pop.say('QUIT', endlessly), '+OK \r\n')
  home.control('popextensions', undefined)
  const { pop: old } = await logins.connect()
  t.equal(await old.say('CAPA', oneLine), '-ERR authorization first\r\n')
  await old.say('USER kyoma', oneLine)
  await old.say('PASS geheim', oneLine)
  t.equal(await old.say('CAPA', oneLine), '-ERR unimplemented\r\n')
  const { pop: wrong } = await logins.connect()
  t.equal(await wrong.say('USER kyoma\r\nPASS guess\r\nNOOP', endlessly), '+OK \r\n-ERR authorization failed\r\n')
  home.control('popextensions', 'yes\n')
  t.equal(await (await logins.connect()).pop.say('CAPA', oneLine), '-ERR authorization first\r\n', 'the last good reading')
  await logins.logs(/^popup: control\/popextensions:1: not a number up to 1; 0 still counts$/m)
  home.control('popextensions', '1\n')
})

t.test('F3: after a wrong login the session goes on, and what was sent with it counts', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop } = await logins.connect()
  t.equal(await pop.say('USER kyoma\r\nPASS guess', (heard) => heard.includes('-ERR')), `+OK \r\n${refused}`)
  t.equal(await pop.say('PASS geheim', oneLine), '-ERR USER first\r\n')
  t.equal(await pop.say('NOOP', oneLine), '+OK \r\n')
  const rest = 'USER kyoma\r\nPASS Geheim\r\nUSER kyoma\r\nPASS geheim\r\nSTAT\r\nQUIT'
  t.equal(await pop.say(rest, endlessly), `+OK \r\n${refused}+OK \r\n+OK \r\n+OK 1 20\r\n+OK \r\n`)
  await logins.logs(/^popup: 127\.0\.0\.1 \d+: declined: wrong login or password: kyoma$/m, 2)
})

t.test('the third wrong login is the last, whoever judges them', async (t) => {
  const logins = await Logins.start(t, home)
  const listening = await Listening.start(t, home)
  const guess = (pop: Dialogue): Promise<string> => pop.say('USER kyoma\r\nPASS guess\r\n'.repeat(popTries + 1), endlessly)
  const heard = `+OK \r\n${refused}`.repeat(popTries)
  t.equal(await guess((await logins.connect()).pop), heard)
  t.equal(await guess((await listening.connect()).pop), heard)
  const { reply } = await listening.logIn('kyoma', 'geheim')
  t.equal(reply, '+OK \r\n')
})

t.test('what is no wrong login ends the connection, with the code that says so', async (t) => {
  for (const [script, word] of [
    ['exit 111', '-ERR [SYS/TEMP] authorization failed'],
    ['kill -9 $$', '-ERR [SYS/TEMP] aack, child crashed'],
  ] as const) {
    const listening = await Listening.start(t, home, ['sh', '-c', script])
    const { pop } = await listening.connect()
    t.equal(await pop.say('USER kyoma\r\nPASS geheim', endlessly), `+OK \r\n${word}\r\n`)
  }
  const without = await Logins.start(t, home, { without: ['sessiond'] })
  const { pop } = await without.connect()
  t.equal(
    await pop.say('USER kyoma\r\nPASS geheim', endlessly),
    '+OK \r\n-ERR [SYS/TEMP] unable to check the login now, try again later\r\n',
  )
})

t.test('APOP for a login without a secret is called that, counts as no guess, and the client can go on with PASS', async (t) => {
  await home.run('setpassword', ['ann', '--apop'], { input: 'tanstaaf\n' })
  const logins = await Logins.start(t, home)
  const { pop, greeting } = await logins.connect()
  const digest = createHash('md5')
    .update(`${/<.*>/.exec(greeting)?.[0]}geheim`)
    .digest('hex')
  t.equal(await pop.say(`APOP kyoma ${digest}`, oneLine), refused)
  t.equal(await pop.say(`APOP kyoma ${digest}`, oneLine), '-ERR no APOP here; say USER and PASS\r\n', 'the challenge was for one login')
  await pop.say('USER kyoma', oneLine)
  t.equal(await pop.say('PASS geheim', oneLine), '+OK \r\n')
  const { pop: nobody } = await logins.connect()
  t.equal(await nobody.say(`APOP nobody ${digest}`, oneLine), refused)
  for (const login of ['kyoma', 'nobody']) {
    await logins.logs(new RegExp(`^popup: 127\\.0\\.0\\.1 \\d+: declined: no secret for APOP is stored for it: ${login}$`, 'm'))
  }
})

t.test('TERM says so to a client before login and to one whose session waits, and changes nothing', async (t) => {
  const logins = await Logins.start(t, home)
  const [{ pop: waiting }, { pop: idle }] = [await logins.connect(), await logins.logIn('kyoma', 'geheim')]
  t.equal(await idle.say('DELE 1', oneLine), '+OK \r\n')
  const ended = logins.stop('popup')
  t.equal(await waiting.hear(endlessly), '-ERR [SYS/TEMP] this server is about to stop, try again later\r\n')
  t.equal(await idle.hear(endlessly), '-ERR [SYS/TEMP] this session ends here; no message was removed\r\n')
  t.equal(await ended, 0)
  t.equal(home.maildir('kyoma').length, 1)
})

t.test('each wrong login is answered after a wait, and the wait ends when we have to go', async (t) => {
  const [ours, theirs] = socketPair()
  const waits: number[] = []
  class Watched extends Client {
    override async pause(seconds: number): Promise<void> {
      waits.push(seconds)
      if (waits.length === popTries) this.dismiss()
      await super.pause(waits.length === popTries ? 1e6 : 0)
    }
  }
  const [client, peer] = [new Watched(ours, ours, 600), new Client(theirs, theirs, 600)]
  const admit = async () => ({ isWrong: true, word: '-ERR no' })
  const over = converse(client, { challenge: undefined, isExact: true, isExtended: true, tls: 'none', admit })
  await peer.say('USER a\r\nPASS b\r\n'.repeat(popTries).trimEnd())
  t.equal(await over, '-ERR [AUTH] no')
  t.same(waits, Array(popTries).fill(popWrongSeconds))
  client.release()
  peer.release()
})

t.test('after control/authfailures wrong logins nothing of that client is checked', async (t) => {
  const home = await ScratchHome.make(t, 'kyoma')
  if (amRoot) giveAccounts(home)
  home.control('authfailures', '2\n')
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  const logins = await Logins.start(t, home)
  for (const login of ['one', 'two']) t.equal((await logins.logIn(login, 'guess')).reply, refused)
  t.match((await logins.logIn('kyoma', 'geheim')).reply, /^-ERR \[SYS\/TEMP\] /, 'not even what is right')
  await logins.logs(/too many failed logins of this client/)
})
