/** Programs that speak SMTP to us: what they were given arrives, byte for byte, below the fields that a delivery adds. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hostName, ScratchHome } from '../support/home.ts'
import { freePort, hasIpv6 } from '../support/ports.ts'
import { missing } from '../support/programs.ts'
import { arrived, overSmtp, runPeer, workplace } from './support/peer.ts'

const home = await ScratchHome.make(t, 'joe', 'ann', 'many')
const ipv6 = await hasIpv6()
const port = await freePort()
const port6 = ipv6 ? await freePort('::1') : 0
const running = await home.supervise({ smtp: [`127.0.0.1:${port}`, ...(ipv6 ? [`[::1]:${port6}`] : [])] })
const place = workplace(home, 'peers')
const recipient = `joe@${hostName}`
const no6 = !ipv6 && 'this machine has no ::1'

/** Dots at line starts, a line of 990 bytes, bytes above 127, a `From ` line, no blank at the end. */
function message(subject: string): string {
  const odd = `.\n..\n.dot\nFrom here\n\n${'x'.repeat(990)}\ncaf\xe9 \xff\x80\n\n`
  return `Date: Wed, 23 Jun 1999 12:02:24 +0900\nFrom: peer@client.example\nTo: ${recipient}\nSubject: ${subject}\nX-Folded: one\n\ttwo\n\n${odd}end\n`
}

/** The message as a file for curl, which sends what it finds. */
function letter(subject: string): string {
  const file = join(place, 'letter')
  writeFileSync(file, message(subject).replaceAll('\n', '\r\n'), 'latin1')
  return file
}

/** The message as a file for swaks, which makes CRLF and adds one at the end. */
function lines(subject: string): string {
  const file = join(place, 'lines')
  writeFileSync(file, message(subject).slice(0, -1), 'latin1')
  return `@${file}`
}

const swaksAlways = [
  '--hide-informational',
  '--suppress-data',
  '--timeout',
  '60s',
  '--from',
  'peer@client.example',
  '--helo',
  'swaks.example',
]

for (const { how, options, ip, skip } of [
  { how: 'swaks', options: ['--server', `127.0.0.1:${port}`], ip: '127\\.0\\.0\\.1', skip: false as const },
  { how: 'swaks in a pipeline', options: ['--server', `127.0.0.1:${port}`, '--pipeline'], ip: '127\\.0\\.0\\.1', skip: false as const },
  { how: 'swaks over ::1', options: ['--server', `[::1]:${port6}`], ip: '::1', skip: no6 },
  { how: 'swaks in a pipeline over ::1', options: ['--server', `[::1]:${port6}`, '--pipeline'], ip: '::1', skip: no6 },
]) {
  t.test(`${how} sends a message, which arrives as it was`, { skip: missing('swaks') || skip }, async (t) => {
    const dialogue = await runPeer(place, 'swaks', [...swaksAlways, ...options, '--to', recipient, '--data', lines(`by ${how}`)])
    t.match(dialogue, /<- {2}250 2\.0\.0 ok \d+ qp \d+\n -> QUIT\n<- {2}221 2\.0\.0 mail\.test\.example\n/)
    const text = await arrived(home, 'joe', `Subject: by ${how}\n`)
    const top = overSmtp('peer@client\\.example', recipient, 'swaks\\.example', ip)
    t.match(text, top)
    t.equal(text.replace(top, ''), message(`by ${how}`))
  })
}

t.test('swaks hears which of its recipients is refused, and the others get the message', { skip: missing('swaks') }, async (t) => {
  const recipients = [recipient, 'else@where.example', `ann@${hostName}`].join(',')
  const options = ['--server', `127.0.0.1:${port}`, '--pipeline', '--to', recipients, '--data', lines('to three')]
  const dialogue = await runPeer(place, 'swaks', [...swaksAlways, ...options])
  t.match(dialogue, /<\*\* 553 5\.7\.1 sorry, that domain isn't in my list of allowed rcpthosts \(#5\.7\.1\)\n/)
  for (const user of ['joe', 'ann']) t.ok((await arrived(home, user, 'Subject: to three\n')).endsWith(message('to three')))
})

for (const { host, ip, skip } of [
  { host: `127.0.0.1:${port}`, ip: '127\\.0\\.0\\.1', skip: false as const },
  { host: `[::1]:${port6}`, ip: '::1', skip: no6 },
]) {
  t.test(`curl uploads a message for two to smtp://${host.replace(/:\d+$/, '')}`, { skip: missing('curl') || skip }, async (t) => {
    const subject = `by curl to ${host}`
    const addresses = ['--mail-from', 'peer@client.example', '--mail-rcpt', recipient, '--mail-rcpt', `ann@${hostName}`]
    await runPeer(place, 'curl', ['-sS', ...addresses, '-T', letter(subject), `smtp://${host}/curl.example`])
    for (const user of ['joe', 'ann']) {
      const text = await arrived(home, user, `Subject: ${subject}\n`)
      const top = overSmtp('peer@client\\.example', `${user}@${hostName}`, 'curl\\.example', ip)
      t.match(text, top)
      t.equal(text.replace(top, ''), message(subject))
    }
  })
}

t.test('curl asks with VRFY and HELP', { skip: missing('curl') }, async (t) => {
  t.match(await runPeer(place, 'curl', ['-sS', '--mail-rcpt', recipient, `smtp://127.0.0.1:${port}`]), /^252 /)
  t.match(await runPeer(place, 'curl', ['-sS', '--request', 'HELP', `smtp://127.0.0.1:${port}`]), /^214 /)
})

t.test('smtp-source sends 200 messages over 10 sessions, and each arrives once', { skip: missing('smtp-source') }, async (t) => {
  const options = ['-s', '10', '-m', '200', '-l', '2000', '-f', 'peer@client.example', '-t', `many@${hostName}`, '-M', 'source.example']
  await runPeer(place, 'smtp-source', [...options, `inet:127.0.0.1:${port}`])
  await running.emptied()
  t.equal(home.maildir('many').length, 200)
})
