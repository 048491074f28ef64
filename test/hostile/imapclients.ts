/**
 * Clients of IMAP that take nothing, send half of something, or send without end: other sessions of the same worker go on, and the worker's
 * memory stays bounded.
 *
 * YABUMI_IMAP_MESSAGES messages of a MiB are asked for (100 by default), and YABUMI_IMAP_COMMANDS commands sent at once (20,000).
 */
import { chownSync, linkSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { imapMessageBytes } from '@yabumi/limits'
import t, { type Test } from 'tap'
import { amRoot, ScratchHome, userAccount } from '../support/home.ts'
import { ImapClient } from '../support/imapclient.ts'
import { giveAccounts, Logins } from '../support/logins.ts'
import { until } from '../support/wait.ts'

const messages = Number(process.env['YABUMI_IMAP_MESSAGES'] ?? 100)
const commands = Number(process.env['YABUMI_IMAP_COMMANDS'] ?? 20_000)
/** What a worker may take more while clients misbehave: answers that wait, a few messages, and what Node has not given back yet. */
const moreMegabytes = 320
const mebibyte = 1_048_576

const home = await ScratchHome.make(t, 'kyoma')
if (amRoot) giveAccounts(home)
await home.run('setpassword', ['kyoma'], { input: 'geheim\n' })
const logins = await Logins.start(t, home, { front: 'imapd' })
const first = home.userFile(
  'kyoma',
  'Maildir/cur/1.a.h:2,S',
  `Subject: large\n\n${'x'.repeat(1_022)}\n`.padEnd(mebibyte, `${'y'.repeat(1_022)}\n`),
)
for (let at = 2; at <= messages; at += 1) {
  const path = join(home.userHome('kyoma'), `Maildir/cur/${at}.a.h:2,S`)
  linkSync(first, path)
  chownSync(path, userAccount.uid, userAccount.gid)
}

const polite = await logIn()
const [[, pid] = []] = await logins.logs(/imapd: \S+ \d+: pid (\d+): kyoma$/m)
await polite.must('SELECT INBOX')
await polite.fetch('FETCH 1 BODY.PEEK[]') // what the first reading of a message costs has been paid

const before = megabytes()

async function logIn(): Promise<ImapClient> {
  const client = await ImapClient.open(logins.port)
  t.teardown(() => client.close())
  await client.must('LOGIN kyoma geheim')
  return client
}

/** A connection that has logged in, and from then on reads only what it is told to. */
async function rude(t: Test, ...lines: string[]): Promise<Socket> {
  const socket = connect({ port: logins.port, host: '127.0.0.1' })
  t.teardown(() => socket.destroy())
  let heard = ''
  const hear = (bytes: Buffer): void => {
    heard += bytes.toString('latin1')
  }
  socket.on('error', () => undefined).on('data', hear)
  for (const [at, line] of ['LOGIN kyoma geheim', ...lines].entries()) {
    socket.write(`r${at} ${line}\r\n`)
    await until(line, () => heard.includes(`r${at} OK`))
  }
  socket.off('data', hear).pause()
  return socket
}

/** Of the process that serves the mailbox: what it has for itself, and its share of what it has with others. */
function megabytes(): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) / 1_024
}

/** The other session does what people do. */
async function goesOn(t: Test): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    const uid = await polite.append('INBOX', 'Subject: small\r\n\r\nsmall\r\n', '\\Seen')
    t.equal((await polite.fetch(`UID FETCH ${uid} (FLAGS BODY.PEEK[])`)).length, 1)
    await polite.must(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
    await polite.must(`UID EXPUNGE ${uid}`)
  }
}

function staysSmall(t: Test): void {
  const now = megabytes()
  t.comment(`${Math.round(before)} MB before, ${Math.round(now)} MB now`)
  t.ok(now < before + moreMegabytes, `${Math.round(now - before)} MB more`)
}

t.test('everything is asked for, and not read', async (t) => {
  const sockets: Socket[] = []
  for (let n = 0; n < 6; n += 1) sockets.push(await rude(t, 'EXAMINE INBOX'))
  for (const socket of sockets) socket.write('a FETCH 1:* BODY.PEEK[]\r\n')
  await goesOn(t)
  staysSmall(t)
  const [slow] = sockets as [Socket]
  for (let bytes = 0; bytes < 100; ) bytes += slow.read(1) === null ? await readable(slow) : 1 // a byte at a time
  await goesOn(t)
  let [length, end] = [100, '']
  slow.on('data', (bytes: Buffer) => {
    length += bytes.length
    end = (end + bytes.toString('latin1')).slice(-200)
  })
  slow.resume()
  await until('its whole answer', () => /\r\na OK [^\r\n]*\r\n$/.test(end), 600)
  t.ok(length > messages * mebibyte, 'whoever reads gets everything')
  staysSmall(t)
})

function readable(socket: Socket): Promise<0> {
  return new Promise((resolve) => socket.once('readable', () => resolve(0)))
}

t.test(`${commands} commands are sent at once, and their answers are not read`, async (t) => {
  const socket = await rude(t, 'EXAMINE INBOX')
  socket.write('n NOOP\r\n'.repeat(commands))
  await goesOn(t)
  staysSmall(t)
  let answers = 0
  let rest = ''
  socket.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString('latin1')).split('\r\n')
    rest = lines.pop() ?? ''
    answers += lines.filter((line) => line.startsWith('n OK')).length
  })
  socket.resume()
  await until(
    () => `an answer to each, not to ${answers}`,
    () => answers === commands,
    600,
  )
})

t.test('half of a literal comes, and no more', async (t) => {
  for (let n = 0; n < 8; n += 1) {
    const socket = await rude(t)
    socket.write(`a APPEND INBOX {${imapMessageBytes}+}\r\nSubject: half\r\n\r\n${'x'.repeat(mebibyte)}`)
  }
  for (const text of ['a SEARCH SUBJECT {60000+}\r\nhalf', 'a STATUS {9+}\r\nhal', 'a LOGIN "', `a SEARCH ${'OR '.repeat(20_000)}`]) {
    ;(await rude(t, 'EXAMINE INBOX')).write(text)
  }
  await goesOn(t)
  staysSmall(t)
})

t.test('what is too much of anything is refused, and the session ends for who goes on', async (t) => {
  const socket = await rude(t)
  let heard = ''
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
  })
  socket.resume()
  const gone = new Promise((resolve) => socket.once('close', resolve))
  socket.write(`a SEARCH ${'('.repeat(200)}\r\n`)
  await until('an answer', () => heard.endsWith('\r\n'))
  t.match(heard, /^a BAD /)
  socket.write(`b NOOP ${'x'.repeat(200_000)}\r\n`)
  socket.write(`c SEARCH SUBJECT {999999999+}\r\n`)
  for (let n = 0; n < 100; n += 1) socket.write(`d${n} NONSENSE\r\n`)
  await gone // with BYE, which a client that goes on talking may not get to read: its connection is reset
  await goesOn(t)
})
