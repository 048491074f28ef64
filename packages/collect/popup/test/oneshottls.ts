/** TLS in the one-shot form, on a connection as tcpserver hands it over: by STLS, at once, and where somebody else speaks it. */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { selfSigned } from '@yabumi/selfsigned'
import t, { type Test } from 'tap'
import { Dialogue, oneLine, untilDot } from '../../../../test/support/dialogue.ts'
import { amRoot, ScratchHome } from '../../../../test/support/home.ts'
import { accountUids, giveAccounts, Logins } from '../../../../test/support/logins.ts'
import { age } from './fixtures/listening.ts'

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
if (amRoot) chownSync(pem, 0, accountUids.front)

const checker = ['bin/checkpassword', 'bin/pop3d', 'Maildir']
const end = (): boolean => false

/** A port on which each connection is a process of popup. */
async function listening(
  t: Test,
  words: readonly string[],
  more: Record<string, string> = {},
): Promise<{ port: number; ended: Promise<number | null> }> {
  let tell: (code: number | null) => void = () => undefined
  const ended = new Promise<number | null>((resolve) => {
    tell = resolve
  })
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    const env = { ...home.environment, PROTO: 'TCP', TCPREMOTEIP: '127.0.0.1', ...more }
    const child = spawn(join(home.directory, 'bin/popup'), ['mail.example.org', ...words], {
      cwd: home.directory,
      env,
      stdio: [socket, socket, 'inherit'],
    })
    child.on('exit', tell)
    t.teardown(() => child.kill('SIGKILL'))
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { port: (server.address() as { port: number }).port, ended }
}

/** Read all of it, to the end. */
async function fetchAll(t: Test, pop: Dialogue): Promise<void> {
  t.equal(await pop.say('USER kyoma\r\nPASS geheim\r\nSTAT', (heard) => heard.split('\r\n').length > 3), '+OK \r\n+OK \r\n+OK 1 300014\r\n')
  t.equal(
    (await pop.say('RETR 1', untilDot)).length,
    '+OK \r\n'.length + 350_016 + '\r\n.\r\n'.length,
    'whole, and larger than any buffer between',
  )
  t.equal(await pop.say('QUIT', end), '+OK \r\n')
}

t.test('STLS, then a login by the program', async (t) => {
  const { port, ended } = await listening(t, checker)
  const pop = await Dialogue.open(port, oneLine)
  t.match(await pop.say('CAPA', untilDot), /\r\nSTLS\r\n/)
  await pop.say('USER kyoma', oneLine)
  t.equal(await pop.say('STLS', oneLine), '+OK TLS begins\r\n')
  await pop.secure({ servername: 'mail.example.org' })
  t.equal(await pop.say('PASS geheim', oneLine), '-ERR USER first\r\n', 'what was said before is forgotten')
  t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
  await fetchAll(t, pop)
  t.equal(await ended, 1, 'as ever in this form')
})

t.test('what was sent behind STLS in clear is not heard', async (t) => {
  const { port, ended } = await listening(t, checker)
  const pop = await Dialogue.open(port, oneLine)
  t.equal(await pop.say('STLS\r\nUSER joe', end), '')
  t.equal(await ended, 1)
})

t.test('TLS at once, by authd, and a session that the client leaves', async (t) => {
  await Logins.start(t, home)
  const words = ['login', 'bin/pop3d', 'Maildir']
  const { port, ended } = await listening(t, words, { POP3S: '1' })
  const pop = await Dialogue.openTls(port, oneLine)
  t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
  await pop.say('USER kyoma', oneLine)
  t.equal(await pop.say('PASS guess', oneLine), '-ERR [AUTH] authorization failed\r\n')
  await fetchAll(t, pop)
  t.equal(await ended, 1)
  const second = await listening(t, words, { POP3S: '1' })
  const left = await Dialogue.openTls(second.port, oneLine)
  await left.say('USER kyoma', oneLine)
  t.match(await left.say('PASS geheim', oneLine), /^\+OK/)
  left.close()
  t.equal(await second.ended, 1, 'its process ends with it')
})

t.test('where it cannot be, or shall not be, none is offered', async (t) => {
  for (const [more, answer] of [
    [{ DISABLETLS: '1' }, /^-ERR authorization first/],
    [{ SSL_PROTOCOL: 'TLSv1.3' }, /^-ERR TLS is on already/],
  ] as const) {
    const { port } = await listening(t, checker, more)
    const pop = await Dialogue.open(port, oneLine)
    t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
    t.match(await pop.say('STLS', oneLine), answer)
    pop.close()
  }
  home.control('servercert.pem', undefined)
  const { port } = await listening(t, checker)
  const pop = await Dialogue.open(port, oneLine)
  t.notMatch(await pop.say('CAPA', untilDot), 'STLS')
  pop.close()
  const atOnce = await listening(t, checker, { POP3S: '1' })
  await t.rejects(Dialogue.openTls(atOnce.port, oneLine), 'nothing is said in clear')
  t.equal(await atOnce.ended, 1)
})
