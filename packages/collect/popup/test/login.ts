/** The front: logins that authd judges and sessions that sessiond starts, by POP3. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { Dialogue, oneLine } from '../../../../test/support/dialogue.ts'
import { amRoot, hostName, ScratchHome } from '../../../../test/support/home.ts'
import { accountUids, giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { until } from '../../../../test/support/wait.ts'
import { age } from './fixtures/listening.ts'

const failed = '-ERR authorization failed\r\n'
const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later\r\n'

async function homeWithMail(t: { teardown(work: () => unknown): unknown }): Promise<ScratchHome> {
  const home = await ScratchHome.make(t, 'kyoma', 'ann')
  home.control('popextensions', undefined) // as an old home: replies are qmail's
  if (amRoot) giveAccounts(home)
  await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
  home.userFile('kyoma', 'Maildir/new/1.a', 'Subject: one\n\nfirst\n')
  age(home, 'kyoma')
  return home
}

const home = await homeWithMail(t)

t.test('a right password opens the mailbox, whatever is sent at once with it, and the log says who and from where', async (t) => {
  const logins = await Logins.start(t, home)
  const { pop } = await logins.connect()
  t.equal(await pop.say('USER kyoma\r\nPASS geheim\r\nSTAT\r\nQUIT', () => false), '+OK \r\n+OK \r\n+OK 1 20\r\n+OK \r\n')
  await logins.logs(/: end: pid \d+ status 0, /)
  t.match(logins.log, /^popup: (127\.0\.0\.1 \d+): pid (\d+): kyoma\npopup: \1: end: pid \2 status 0, refused 0, seconds \d+$/m)
  t.notMatch(logins.log, 'geheim')
})

t.test('F9: what is wrong is one line with the client, the reason, and the login last', async (t) => {
  const logins = await Logins.start(t, home)
  for (const [login, password] of [
    ['kyoma', 'wrong'],
    ['nobody here', 'geheim'],
    ['k\xffma\x1b[2J=', 'geheim'],
    ['kyoma', 'Geheim'],
  ] as const) {
    t.equal((await logins.logIn(login, password)).reply, failed, login)
  }
  await logins.logs(/: declined: /, 4)
  const said = logins.log.split('\n').filter((line) => line.includes(': declined: '))
  const declined = /^popup: 127\.0\.0\.1 \d+: declined: wrong login or password: /
  t.same(
    said.map((line) => line.replace(declined, '')),
    ['kyoma', 'nobody=20here', 'k=FFma=1B[2J=3D', 'kyoma'],
  )
})

t.test('F10: a password may begin with a blank and hold others', async (t) => {
  const other = await homeWithMail(t)
  await other.run('setpassword', ['kyoma'], { input: '  two  words \n' })
  const logins = await Logins.start(t, other)
  t.equal((await logins.logIn('kyoma', '  two  words ')).reply, '+OK \r\n')
  t.equal((await logins.logIn('kyoma', 'two  words ')).reply, failed)
})

t.test('F3: APOP is offered once a login has a secret for it, and a challenge is good once', async (t) => {
  const other = await homeWithMail(t)
  const logins = await Logins.start(t, other)
  t.equal((await logins.connect()).greeting, '+OK POP3\n')
  const { pop: none } = await logins.connect()
  t.match(await none.say('APOP kyoma 0123', oneLine), /^-ERR no APOP here/)
  await other.run('setpassword', ['ann', '--apop'], { input: 'tanstaaf\n' })
  const { pop, greeting } = await logins.connect()
  const challenge = /<.*>/.exec(greeting)?.[0] ?? ''
  const digest = createHash('md5').update(`${challenge}tanstaaf`).digest('hex')
  t.equal(await pop.say(`APOP ann ${digest}`, oneLine), '+OK \r\n')
  const { pop: again } = await logins.connect()
  t.equal(await again.say(`APOP ann ${digest}`, oneLine), failed, 'the challenge of another connection')
  other.control('apop', '1\n')
})

t.test('control/apop 1, or none, offers it always', async (t) => {
  const other = await homeWithMail(t)
  const logins = await Logins.start(t, other)
  for (const text of ['1\n', undefined]) {
    other.control('apop', text)
    t.match((await logins.connect()).greeting, /^\+OK <\d{20,29}\.\d+@mail\.test\.example>\n$/)
  }
})

t.test('without authd or sessiond everybody is told to try again, and nobody that the password is wrong', async (t) => {
  const other = await homeWithMail(t)
  const logins = await Logins.start(t, other, { without: ['sessiond'] })
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, notNow)
  t.equal((await logins.logIn('kyoma', 'wrong')).reply, failed, 'that can be said')
  await logins.stop('authd')
  t.equal((await logins.logIn('kyoma', 'wrong')).reply, notNow)
  await logins.start('authd', ['--ready-fd', '3'])
  await logins.start('sessiond', ['--ready-fd', '3', 'bin/pop3d', 'Maildir'])
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, '+OK \r\n')
  t.match(logins.log, /^popup: 127\.0\.0\.1 \d+: not judged, unable to ask sessiond: .*: kyoma$/m)
})

t.test('whoever was greeted by an authd that is gone logs in with the next one; only the challenge was lost with it', async (t) => {
  const other = await homeWithMail(t)
  other.control('apop', '1\n')
  const logins = await Logins.start(t, other)
  const { pop: plain } = await logins.connect()
  const { pop: apop, greeting } = await logins.connect()
  t.match(greeting, /^\+OK </)
  await logins.stop('authd', 'SIGKILL')
  await logins.start('authd', ['--ready-fd', '3'])
  await plain.say('USER kyoma', oneLine)
  t.equal(await plain.say('PASS geheim', oneLine), '+OK \r\n')
  t.equal(await apop.say('APOP kyoma 0123', oneLine), notNow)
  await logins.logs(/^popup: 127\.0\.0\.1 \d+: not judged, the challenge was too old: kyoma$/m)
})

t.test('a front that asks for something else than sessions run gets nothing', async (t) => {
  const logins = await Logins.start(t, home, { wanted: ['login', 'sh', '-c', 'id'] })
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, notNow)
  await logins.logs(/^sessiond: kyoma: sessions run bin\/pop3d Maildir, not sh_-c_id$/m)
})

t.test('the front holds nothing of a session but its end', async (t) => {
  const logins = await Logins.start(t, home)
  const descriptors = (): number => readdirSync(`/proc/${logins.pid('popup')}/fd`).length
  const first = await logins.logIn('kyoma', 'geheim') // what is opened once is open then
  t.equal(await first.pop.say('QUIT', oneLine), '+OK \r\n')
  await logins.logs(/: end: pid \d+ /)
  const before = descriptors()
  const { pop } = await logins.logIn('kyoma', 'geheim')
  await until('it holds one descriptor more', () => descriptors() === before + 1)
  t.equal(await pop.say('QUIT', oneLine), '+OK \r\n')
  await until('and none when it is over', () => descriptors() === before)
})

t.test('TERM drops who has not logged in, and ends sessions without a command under way', async (t) => {
  const logins = await Logins.start(t, home)
  const [{ pop: waiting }, { pop: idle }] = [await logins.connect(), await logins.logIn('kyoma', 'geheim')]
  await idle.say('DELE 1', oneLine)
  const ended = logins.stop('popup')
  t.equal(await waiting.hear(() => false), '')
  t.equal(await idle.hear(() => false), '')
  t.equal(await ended, 0)
  t.equal(home.maildir('kyoma').length, 1)
})

t.test('a changed password ends the sessions of that login, and no others', async (t) => {
  const other = await homeWithMail(t)
  await other.run('setpassword', ['ann'], { input: 'x\n' })
  const logins = await Logins.start(t, other)
  const [{ pop: kyoma }, { pop: ann }] = [await logins.logIn('kyoma', 'geheim'), await logins.logIn('ann', 'x')]
  await other.run('setpassword', ['kyoma'], { input: 'neu\n' })
  t.equal(await kyoma.hear(() => false), '')
  t.match(await ann.say('STAT', oneLine), /^\+OK /)
  t.equal((await logins.logIn('kyoma', 'geheim')).reply, failed, 'what was right a moment ago')
  t.equal((await logins.logIn('kyoma', 'neu')).reply, '+OK \r\n')
})

t.test('the front is account front before it hears a client', { skip: !amRoot && 'only root starts others' }, async (t) => {
  const logins = await Logins.start(t, home)
  for (const [name, uid] of [
    ['popup', accountUids.front],
    ['authd', accountUids.auth],
  ] as const) {
    const status = readFileSync(`/proc/${logins.pid(name)}/status`, 'latin1')
    t.match(status, new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'), name)
    t.match(status, new RegExp(`^Gid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'), name)
    t.match(status, new RegExp(`^Groups:\t${uid} ?$`, 'm'), name)
  }
})

t.test('one connection on descriptors 0 and 1 is served the same way, by an account without rights', async (t) => {
  await Logins.start(t, home)
  const ids = amRoot ? { uid: accountUids.front, gid: accountUids.front } : {}
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const env = { ...home.environment, TCPREMOTEIP: '192.0.2.9' }
    const args = [hostName, 'login', 'pop3d', 'Maildir']
    const child = spawn(join(home.directory, 'bin/popup'), args, { cwd: '/', env, stdio: [socket, socket, 'inherit'], ...ids })
    child.once('exit', (code) => ended.push(code))
    socket.destroy()
  })
  const ended: (number | null)[] = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const right = await Dialogue.open(port, oneLine)
  t.equal(await right.say('USER kyoma\r\nPASS geheim\r\nSTAT\r\nQUIT', () => false), '+OK \r\n+OK \r\n+OK 1 20\r\n+OK \r\n')
  const wrong = await Dialogue.open(port, oneLine)
  t.equal(await wrong.say('USER kyoma\r\nPASS wrong', () => false), `+OK \r\n${failed}`)
  await until('both have ended', () => ended.length === 2)
  t.same(ended, [1, 1], 'as qmail-popup does')
})
