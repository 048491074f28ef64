/** AUTH as clients meet it: on a submission server with authd, and in the qmail world's form with a checker. Root or not. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authFailures, authResponseBytes, authTries, commandLineBytes, tlsBindingBytes } from '@yabumi/limits'
import { encodeBase64, startClient } from '@yabumi/sasl'
import t, { type Test } from 'tap'
import { Dialogue, smtpReply } from '../../../../test/support/dialogue.ts'
import { hostName, ScratchHome } from '../../../../test/support/home.ts'
import { freePort } from '../../../../test/support/ports.ts'
import type { Running } from '../../../../test/support/running.ts'
import { until } from '../../../../test/support/wait.ts'

const plain = (login: string, password: string): string => encodeBase64(`\0${login}\0${password}`)
const right = `AUTH PLAIN ${plain('joe', 'geheim')}`
const ok = '235 ok, go ahead (#2.7.0)\r\n'
const wrong = '535 authentication failed (#5.7.8)\r\n'

async function submission(
  t: Test,
  controls: Record<string, string> = {},
): Promise<{ home: ScratchHome; running: Running; open: () => Promise<Dialogue> }> {
  const home = await ScratchHome.make(t, 'joe', 'ann')
  home.control('enhancedstatus', '0\n') // replies are compared to the byte
  for (const [name, text] of Object.entries(controls)) home.control(name, text)
  await home.run('setpassword', ['joe', '--apop'], { input: 'geheim\n' })
  const running = await home.supervise({ smtp: [], pop3: [], submission: [`127.0.0.1:${await freePort()}`] })
  const open = async (): Promise<Dialogue> => {
    const client = await Dialogue.open(running.submissionPort, smtpReply)
    t.teardown(() => client.close())
    await client.say('EHLO client.example', smtpReply)
    return client
  }
  return { home, running, open }
}

/** @returns the answer to the last response, and whether the server has proved what it must */
async function logIn(client: Dialogue, name: string, binding?: Buffer): Promise<{ answer: string; mayBelieve: boolean }> {
  const mechanism = startClient(name, { login: 'joe', secret: 'geheim' }, binding)
  let answer = await client.say(`auth ${name.toLowerCase()}`, smtpReply)
  let { initial } = mechanism
  while (answer.startsWith('334 ')) {
    const response = initial ?? (await mechanism.respond(Buffer.from(answer.slice(4), 'base64').toString('latin1')))
    initial = undefined
    answer = await client.say(encodeBase64(response ?? ''), smtpReply)
  }
  return { answer, mayBelieve: mechanism.mayBelieve }
}

t.test('who has logged in may send anywhere as who it is, and nobody else may send', async (t) => {
  const { home, running, open } = await submission(t)
  const client = await open()
  t.match(client.transcript, /^250-AUTH SCRAM-SHA-256 PLAIN LOGIN$/m)
  t.equal(await client.say('MAIL FROM:<>', smtpReply), '530 Authorization required (#5.7.0)\r\n')
  t.equal(await client.say(right, smtpReply), ok)
  t.notMatch(await client.say('EHLO client.example', smtpReply), 'AUTH')
  t.equal(await client.say(right, smtpReply), "503 you're already authenticated (#5.5.1)\r\n")
  t.equal(await client.say(`MAIL FROM:<ann@${hostName}>`, smtpReply), '550 you may not send as that address (#5.7.1)\r\n')
  t.equal(await client.say('MAIL FROM:<joe@elsewhere.example>', smtpReply), '550 you may not send as that address (#5.7.1)\r\n')
  t.equal(await client.say(`MAIL FROM:<joe-list@${hostName}> AUTH=<>`, smtpReply), '250 ok\r\n')
  t.equal(await client.say(right, smtpReply), '503 no auth during mail transaction (#5.5.1)\r\n')
  t.equal(await client.say(`RCPT TO:<ann@${hostName}>`, smtpReply), '250 ok\r\n')
  t.equal(await client.say('RCPT TO:<x@[127.0.0.9]>', smtpReply), '250 ok\r\n', 'rcpthosts does not count')
  t.equal(await client.say('RSET', smtpReply), '250 flushed\r\n')
  await client.say(`MAIL FROM:<joe@${hostName}>`, smtpReply)
  await client.say(`RCPT TO:<ann@${hostName}>`, smtpReply)
  await client.say('DATA', smtpReply)
  t.match(await client.say(`From: joe@${hostName}\r\nSubject: x\r\n\r\nbody\r\n.`, smtpReply), /^250 ok/)
  const message = await until('the message comes', () => home.maildir('ann').at(0))
  t.match(message, /^Received: from unknown \(unknown\)\n {2}by \S+ with ESMTPA; /m)
  await running.logs(/auth PLAIN ok, word=joe|auth PLAIN ok.*joe/)
  t.notMatch(running.log, plain('joe', 'geheim'))
})

t.test('with control/hideauth 0 the Received field shows who has sent it', async (t) => {
  const { home, open } = await submission(t, { hideauth: '0\n' })
  const client = await open()
  await client.say(right, smtpReply)
  await client.say('MAIL FROM:<>', smtpReply)
  await client.say(`RCPT TO:<ann@${hostName}>`, smtpReply)
  await client.say('DATA', smtpReply)
  t.match(await client.say(`From: joe@${hostName}\r\n\r\nx\r\n.`, smtpReply), /^250 ok/)
  const message = await until('the message comes', () => home.maildir('ann').at(0))
  t.match(message, /\(joe@127\.0\.0\.1\)\n {2}by \S+ with ESMTPA; /)
})

t.test('each mechanism is spoken to its end, and SCRAM’s server proves itself', async (t) => {
  const { open } = await submission(t)
  for (const name of ['SCRAM-SHA-256', 'PLAIN', 'LOGIN']) t.same(await logIn(await open(), name), { answer: ok, mayBelieve: true }, name)
  const client = await open()
  t.equal(await client.say('AUTH LOGIN', smtpReply), '334 VXNlcm5hbWU6\r\n')
  t.equal(await client.say(encodeBase64('joe'), smtpReply), '334 UGFzc3dvcmQ6\r\n')
  t.equal(await client.say('*', smtpReply), '501 auth exchange canceled (#5.7.0)\r\n')
  t.equal(await client.say(`AUTH LOGIN ${encodeBase64('joe')}`, smtpReply), '334 UGFzc3dvcmQ6\r\n')
  t.equal(await client.say(encodeBase64('geheim'), smtpReply), ok)
})

t.test('under TLS a login is bound to its session (RFC 9266), and one of another session is wrong', async (t) => {
  const { open } = await submission(t)
  const secure = async (): Promise<{ client: Dialogue; binding: Buffer }> => {
    const client = await open()
    t.match(await client.say('STARTTLS', smtpReply), /^220 /)
    const socket = await client.secure({ servername: hostName })
    t.match(await client.say('EHLO client.example', smtpReply), /^250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r$/m)
    return { client, binding: socket.exportKeyingMaterial(tlsBindingBytes, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) }
  }
  const [one, other] = [await secure(), await secure()]
  t.equal((await logIn(one.client, 'SCRAM-SHA-256-PLUS', other.binding)).answer, wrong, 'somebody is between')
  t.same(await logIn(one.client, 'SCRAM-SHA-256-PLUS', one.binding), { answer: ok, mayBelieve: true })
  t.equal((await logIn(other.client, 'SCRAM-SHA-256', other.binding)).answer, wrong, 'a client that could bind, and is told that it cannot')
})

t.test('what is no login is told apart, and none of it counts as one', async (t) => {
  const { open } = await submission(t)
  const client = await open()
  const malformed = '501 malformed auth input (#5.5.2)\r\n'
  for (const bad of ['AUTH', 'AUTH PLAIN !', 'AUTH PLAIN AGpvZQ', 'AUTH PLAIN AGpvZQ==', 'AUTH PLAIN =', 'AUTH PLAIN a b'])
    t.equal(await client.say(bad, smtpReply), malformed, bad)
  for (const name of ['CRAM-MD5', 'GSSAPI', 'SCRAM-SHA-256-PLUS', 'EXTERNAL'])
    t.equal(await client.say(`AUTH ${name}`, smtpReply), '504 auth type unimplemented (#5.5.4)\r\n', name)
  t.equal(await client.say('AUTH PLAIN', smtpReply), '334 \r\n')
  t.equal(await client.say('MAIL FROM:<>', smtpReply), malformed, 'a command is no response')
  t.equal(await client.say(`AUTH PLAIN ${'A'.repeat(authResponseBytes)}`, smtpReply), malformed)
  t.equal(await client.say(`AUTH PLAIN ${'A'.repeat(authResponseBytes + 4)}`, smtpReply), '500 line too long (#5.5.6)\r\n')
  await client.say('AUTH PLAIN', smtpReply)
  t.equal(await client.say('A'.repeat(authResponseBytes + 1), smtpReply), '500 line too long (#5.5.6)\r\n')
  await client.say('AUTH PLAIN', smtpReply)
  t.equal(await client.say('A'.repeat(commandLineBytes + 1), smtpReply), '500 line too long (#5.5.6)\r\n')
  t.equal(await client.say('HELO x', smtpReply), `250 ${hostName}\r\n`)
  t.equal(await client.say(right, smtpReply), '503 EHLO first (#5.5.1)\r\n')
  await client.say('EHLO x', smtpReply)
  t.equal(await client.say(right, smtpReply), ok)
})

t.test('the same login split at every byte, and with what follows it in one piece', async (t) => {
  const { running } = await submission(t)
  const client = await Dialogue.open(running.submissionPort, smtpReply)
  t.teardown(() => client.close())
  const text = `EHLO x\r\n${right}\r\n`
  for (const byte of text.slice(0, -1)) {
    await client.send(Buffer.from(byte))
    await new Promise(setImmediate)
  }
  await client.send(Buffer.from('\nMAIL FROM:<>\r\nNOOP\r\n'))
  const end = `${ok}250 ok\r\n250 ok\r\n`
  t.ok((await client.hear((heard) => heard.endsWith(end))).endsWith(end))
})

t.test('guesses end the session, then the address is turned away; one that has logged in well is not', async (t) => {
  const { open, running } = await submission(t, { authfailures: '4\n' })
  const client = await open()
  const guess = (n: number): string => `AUTH PLAIN ${plain(`user${n}`, 'x')}`
  for (let n = 0; n < authTries; n += 1) t.equal(await client.say(guess(n), smtpReply), wrong)
  t.equal(await client.say(guess(9), smtpReply), '421 too many failed logins (#4.7.0)\r\n')
  await (await open()).say(guess(4), smtpReply)
  const late = await Dialogue.open(running.submissionPort, smtpReply)
  t.teardown(() => late.close())
  t.equal(late.transcript, '421 too many failed logins (#4.7.0)\n')
  await running.logs(/auth PLAIN failed, wrong login or password/)
  t.ok(authFailures > 0)
})

t.test('control/userlimits puts off who sends too much, and the log names the login', async (t) => {
  const { home, open, running } = await submission(t, { userlimits: '*:1/9/1h\n' })
  writeFileSync(join(home.directory, 'alias/.qmail-postmaster'), `&ann@${hostName}\n`)
  const client = await open()
  await client.say(right, smtpReply)
  for (const answer of ['354 go ahead\r\n', '452 too many messages for now, try again later (#4.7.28)\r\n']) {
    await client.say('MAIL FROM:<>', smtpReply)
    await client.say(`RCPT TO:<ann@${hostName}>`, smtpReply)
    t.equal(await client.say('DATA', smtpReply), answer)
    if (answer.startsWith('354')) await client.say(`From: joe@${hostName}\r\n\r\nx\r\n.`, smtpReply)
  }
  await running.logs(/user joe reached 1 messages in 1h: more is put off/)
  const told = await until('postmaster hears it', () => home.maildir('ann').find((text) => text.includes('\nTo: postmaster@')))
  t.match(told, /^Subject: user joe reached 1 messages in 1h: more is put off$/m)
})

t.test('authd that is gone is trouble, never a wrong password', async (t) => {
  const { home, running } = await submission(t)
  rmSync(join(home.directory, 'authd.sock'))
  const client = await Dialogue.open(running.submissionPort, smtpReply)
  t.teardown(() => client.close())
  t.match(await client.say('EHLO x', smtpReply), /^250-AUTH PLAIN LOGIN\r$/m)
  t.equal(await client.say(right, smtpReply), '454 authentication is not possible now (#4.7.0)\r\n')
})

t.test('as qmail’s: a checker on the command line, and SMTPAUTH', async (t) => {
  const home = await ScratchHome.make(t, 'joe')
  home.control('enhancedstatus', '0\n')
  const file = join(home.root, 'checker')
  const seen = join(home.root, 'seen')
  writeFileSync(
    file,
    `#!/bin/sh\ncat <&3 >${seen}\ncase $(tr '\\0' ' ' <${seen}) in *broken*) exit 111 ;; 'joe geheim '*) exec "$@" ;; esac\nexit 1\n`,
  )
  chmodSync(file, 0o755)
  const talk = async (smtpAuth: string | undefined, input: string, ip = '127.0.0.1'): Promise<string> => {
    const env = { TCPREMOTEIP: ip, ...(smtpAuth === undefined ? {} : { SMTPAUTH: smtpAuth }) }
    return (await home.run('smtpd', [file, 'true'], { input, env, reject: false })).stdout
  }
  const session = (...lines: string[]): string => ['EHLO x', ...lines, 'QUIT', ''].join('\r\n')
  t.match(
    await talk('', session(right, 'MAIL FROM:<a@b.example>', 'RCPT TO:<x@far.example>')),
    /AUTH PLAIN LOGIN\r\n.*235 ok.*250 ok\r\n250 ok\r\n221/s,
  )
  t.equal(readFileSync(seen, 'latin1'), 'joe\0geheim\0\0')
  t.match(await talk('', session(`AUTH PLAIN ${plain('joe', 'x')}`)), wrong)
  t.match(await talk('', session(`AUTH PLAIN ${plain('joe', 'broken')}`)), '454 authentication is not possible now (#4.7.0)')
  t.match(await talk('+cram', session()), 'AUTH PLAIN LOGIN CRAM-MD5\r\n')
  t.match(await talk('cram', session(right)), /AUTH CRAM-MD5\r\n.*504 auth type/s)
  t.match(await talk('!', session('MAIL FROM:<a@b.example>')), '530 Authorization required')
  for (const off of [undefined, '-']) {
    const heard = await talk(off, session(right))
    t.notMatch(heard, /250.AUTH/)
    t.match(heard, '502 unimplemented (#5.5.1)')
  }
  const far = await talk('', session(right), '192.0.2.1')
  t.notMatch(far, /250.AUTH/)
  t.match(far, '504 auth not available without TLS (#5.7.4)')
  t.match(await talk('plaintext', session(right), '192.0.2.1'), ok)
})
