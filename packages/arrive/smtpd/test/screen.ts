/** What strangers have to pass, and nobody else. */
import { once } from 'node:events'
import t from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { oneShot } from './scratch/bothways.ts'
import { Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const stranger = { TCPREMOTEIP: '192.0.2.7' }
const session = (helo: string, sender = 's@x.example', recipient = 'r@test.example'): string =>
  `HELO ${helo}\r\nMAIL FROM:<${sender}>\r\nRCPT TO:<${recipient}>\r\nQUIT\r\n`
const badHelo = '553 sorry, your HELO host name is in my badhelo list (#5.7.1)'

/** @returns the reply to RCPT */
async function judged(home: ScratchHome, input: string, environment: Record<string, string> = stranger): Promise<string> {
  return (await oneShot(home, input, environment)).split('\r\n')[3] ?? ''
}

t.test('badhelo lists hosts, domains and patterns, of relay clients too', async (t) => {
  const home = new ScratchHome(t, { badhelo: 'Bad.example\n.dyn.example\n/*-pool-*.net\n' })
  for (const name of ['bad.example', 'BAD.EXAMPLE', 'a.dyn.example', 'x-pool-1.net'])
    t.equal(await judged(home, session(name)), badHelo, name)
  for (const name of ['good.example', 'dyn.example', 'x.bad.example', '']) t.equal(await judged(home, session(name)), '250 ok', name)
  t.equal(await judged(home, session('bad.example'), { ...stranger, RELAYCLIENT: '' }), badHelo)
})

t.test('the lists for strangers count for strangers', async (t) => {
  const home = new ScratchHome(t, {
    badhelonorelay: 'bad.example\n',
    badmailfromnorelay: '@test.example\n/spam*@*\n',
    badrcpttonorelay: 'inside@test.example\n',
  })
  const refused = {
    [session('bad.example')]: badHelo,
    [session('x', 'me@test.example')]: '553 sorry, your envelope sender is in my badmailfromnorelay list (#5.7.1)',
    [session('x', 'spammer@y.example')]: '553 sorry, your envelope sender is in my badmailfromnorelay list (#5.7.1)',
    [session('x', '', 'inside@test.example')]: '553 sorry, your envelope recipient is in my badrcpttonorelay list (#5.7.1)',
  }
  for (const [input, reply] of Object.entries(refused)) {
    t.equal(await judged(home, input), reply)
    t.equal(await judged(home, input, { ...stranger, RELAYCLIENT: '' }), '250 ok')
    t.equal(await judged(home, input, { TCPREMOTEIP: '127.0.0.1' }), '250 ok', 'this host is no stranger')
  }
  t.equal(await judged(home, session('x')), '250 ok')
})

t.test('helocheck: nobody else has the name of this host, or its address', async (t) => {
  const home = new ScratchHome(t, { helocheck: '1\n', smtpgreeting: 'mx.test.example hello\n' })
  for (const name of ['test.example', 'MX.test.example', 'test.example.', '127.0.0.1', '[127.0.0.1]'])
    t.equal(await judged(home, session(name)), '550 sorry, your HELO host name is mine (#5.7.1)', name)
  for (const name of ['other.test.example', '[192.0.2.7]', '192.0.2.7', 'localhost'])
    t.equal(await judged(home, session(name)), '250 ok', name)
  home.control('helocheck', '0\n')
  t.equal(await judged(home, session('test.example')), '250 ok')
})

t.test('errorlimit and brtlimit end the session of a stranger', async (t) => {
  const home = new ScratchHome(t, { errorlimit: '2\n', rcpthosts: 'test.example\n' })
  const errors = 'x\r\nx\r\nNOOP\r\nx\r\nNOOP\r\n'
  t.match(await oneShot(home, errors, stranger), /^220 [^\n]+\n(502 [^\n]+\n){2}250 [^\n]+\n421 too many errors, goodbye \(#4.7.0\)\r\n$/)
  t.notMatch(await oneShot(home, errors, { ...stranger, RELAYCLIENT: '' }), '421')
  const recipients = `MAIL FROM:<>\r\n${'RCPT TO:<a@other.example>\r\n'.repeat(4)}QUIT\r\n`
  const limited = await oneShot(home, recipients, { ...stranger, BRTLIMIT: '1' })
  t.match(limited, /\n553 [^\n]+\n421 too many invalid addresses, goodbye \(#4.3.0\)\r\n$/)
  home.control('errorlimit', '0\n')
  home.control('brtlimit', '3\n')
  t.match(await oneShot(home, recipients, stranger), /\n(553 [^\n]+\n){3}421 too many invalid addresses/)
  home.control('brtlimit', '4\n')
  t.match(await oneShot(home, recipients, stranger), /\n(553 [^\n]+\n){4}221 /)
})

t.test('rates put off the clients of one address, and of no other', async (t) => {
  const home = new ScratchHome(t, { connectrateperip: '3\n', messagerateperip: '2\n', recipientrateperip: '3\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  const client = (address: string): Client => new Client(t, port, '127.0.0.1', address)
  const one = client('127.0.0.2')
  t.match(await one.replies(), /^220 /)
  t.match(await one.ask('MAIL FROM:<>\r\n'), '250 ok')
  t.match(await one.ask('MAIL FROM:<>\r\n'), '250 ok')
  t.equal(await one.ask('MAIL FROM:<>\r\n'), '450 too many messages from your network, try again later (#4.7.1)\r\n')
  const two = client('127.0.0.3')
  await two.replies()
  t.match(await two.ask('MAIL FROM:<>\r\n'), '250 ok', 'another address')
  for (let n = 0; n < 3; n += 1) t.match(await two.ask('RCPT TO:<r@test.example>\r\n'), '250 ok')
  t.equal(await two.ask('RCPT TO:<r@test.example>\r\n'), '450 too many recipients from your network, try again later (#4.7.1)\r\n')
  for (let n = 0; n < 2; n += 1) t.match(await client('127.0.0.2').replies(), /^220 /)
  t.equal(await client('127.0.0.2').ending(), '421 too many connections from your network, try again later (#4.7.0)\r\n')
  await server.logs('127.0.0.2')
  t.match(server.log, /turned away, 421 too many connections from your network/)
  for (let n = 0; n < 5; n += 1) t.match(await client('127.0.0.1').replies(), /^220 /, 'this host as often as it likes')
})

t.test('greetmultiline: who speaks between the lines of the greeting is turned away', async (t) => {
  const home = new ScratchHome(t, { greetdelay: '1\n', greetmultiline: '1\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  const hasty = new Client(t, port)
  while (!hasty.heard.includes('220-test.example\r\n')) await once(hasty.socket, 'data')
  hasty.send('EHLO x\r\n')
  t.match(await hasty.ending(), /554 SMTP protocol violation: you spoke before my greeting \(#5.5.1\)\r\n$/)
  t.notMatch(hasty.heard, 'ESMTP')
  const patient = new Client(t, port)
  while (!patient.heard.includes('\r\n220 ')) await once(patient.socket, 'data')
  t.equal(patient.heard, '220-test.example\r\n220 test.example ESMTP\r\n')
})

t.test('what speaks HTTP or TLS is cut off at once', async (t) => {
  const server = new Resident(t, new ScratchHome(t))
  const port = await server.ready()
  const browser = new Client(t, port)
  await browser.replies()
  browser.send('POST / HTTP/1.1\r\nHost: x\r\n\r\nHELO x\r\nMAIL FROM:<>\r\n')
  t.equal(await browser.ending(), '421 this port speaks SMTP (#4.7.0)\r\n')
  const secret = new Client(t, port)
  await secret.replies()
  secret.send('\x16\x03\x01\x02\x00')
  t.equal(await secret.ending(), '')
  await server.logs('end: spoke TLS')
  t.match(server.log, /end: spoke HTTP/)
})

t.test('lists in the DNS refuse at RCPT, in both forms, and spare whom they must', async (t) => {
  const dns = await startDnsServer({
    '2.0.0.127.bl.example': { A: ['127.0.0.2'] },
    '7.2.0.192.bl.example': { A: ['127.0.0.4'], TXT: ['see http://bl.example/?192.0.2.7'] },
    '9.0.0.127.bl.example': { A: ['127.0.0.4'] },
    'spam.example.dbl.example': { A: ['127.0.1.2'] },
  })
  t.teardown(() => dns.close())
  const home = new ScratchHome(t, { dnsbllist: 'bl.example\n', rhsbllist: 'dbl.example\n', resolvers: `${dns.address}\n` })
  const blocked = '554 blocked using bl.example: see http://bl.example/?192.0.2.7 (#5.7.1)'
  t.equal(await judged(home, session('x')), blocked)
  t.equal(await judged(home, session('x'), { TCPREMOTEIP: '192.0.2.8' }), '250 ok')
  t.match(await judged(home, session('x', 's@spam.example'), { TCPREMOTEIP: '192.0.2.8' }), /^554 blocked using dbl.example \(#5.7.1\)$/)
  t.match(await judged(home, session('spam.example'), { TCPREMOTEIP: '192.0.2.8' }), /^554 blocked using dbl.example/)
  t.equal(await judged(home, session('x'), { ...stranger, RELAYCLIENT: '' }), '250 ok')
  t.equal(await judged(home, session('x'), { ...stranger, DNSBLSKIP: '' }), '250 ok')
  for (const name of ['postmaster', 'Abuse']) t.equal(await judged(home, session('x', 's@x.example', `${name}@test.example`)), '250 ok')
  const server = new Resident(t, home)
  const client = new Client(t, await server.ready(), '127.0.0.1', '127.0.0.9')
  await client.replies()
  client.send('MAIL FROM:<>\r\nRCPT TO:<a@test.example>\r\nRCPT TO:<b@test.example>\r\n')
  t.match(await client.replies(3), /^250 ok\r\n(554 blocked using bl.example \(#5.7.1\)\r\n){2}$/)
  await server.logs('RCPT=20TO:<b@test.example>')
  t.match(server.log, /127.0.0.9 [0-9]+: declined: 554 blocked using bl.example \(#5.7.1\): RCPT/)
})
