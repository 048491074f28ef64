// Which senders and recipients are taken, how slowly, and that an operator's changes count: one-shot and resident.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCdb } from '@yabumi/cdb'
import t from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { bothWays, codes, naming, oneShot } from './scratch/bothways.ts'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const cdb = (records: Record<string, string>): Buffer =>
  makeCdb(Object.entries(records).map(([key, data]): [Buffer, Buffer] => [Buffer.from(key, 'latin1'), Buffer.from(data, 'latin1')]))

t.test('badmailfrom refuses addresses, @domain and .domain, of the text and of the cdb, and relay clients too', async (t) => {
  const home = new ScratchHome(t, { badmailfrom: 'a@x.example\n@y.example\n.z.example\n' })
  writeFileSync(join(home.path, 'control/badmailfrom.cdb'), cdb({ 'b@x.example': '' }))
  const senders = ['a@x.example', 'B@X.example', 'c@Y.example', 'c@m.z.example', 'c@z.example', '']
  const session = `${senders.map((sender) => `MAIL FROM:<${sender}>\r\nRCPT TO:<r>\r\n`).join('')}QUIT\r\n`
  const refused = '250 ok\r\n553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\r\n'
  const wanted = `${refused.repeat(4)}${'250 ok\r\n'.repeat(4)}221 test.example\r\n`
  t.equal(await bothWays(t, home, session), wanted)
  t.equal(await bothWays(t, home, session, { RELAYCLIENT: '' }), wanted)
})

t.test('badrcptto refuses addresses, @domain, .domain and patterns, of relay clients too', async (t) => {
  const home = new ScratchHome(t, { badrcptto: 'r1@x\n@y\n.z\n/*.old@x\n' })
  writeFileSync(join(home.path, 'control/badrcptto.cdb'), cdb({ 'r2@x': '' }))
  const session = naming('r1@x', 'r2@x', 'r@y', 'r@m.z', 'joe.OLD@X', 'r3@x')
  const replies = await bothWays(t, home, session)
  t.same(codes(replies), [553, 553, 553, 553, 553, 250])
  t.match(replies, '553 sorry, your envelope recipient is in my badrcptto list (#5.7.1)\r\n')
  t.same(codes(await bothWays(t, home, session, { RELAYCLIENT: '' })), [553, 553, 553, 553, 553, 250])
})

t.test('validrcptto refuses unknown users at RCPT, so that nobody bounces, but leaves relay clients alone', async (t) => {
  const home = new ScratchHome(t, { validrcptto: 'joe@test.example\n/*--*@test.example\n', rcpthosts: 'test.example\n' })
  const session = naming('joe@test.example', 'joe', 'nobody@test.example', 'a--b@test.example', 'joe@far.example')
  const replies = await bothWays(t, home, session)
  t.same(codes(replies), [250, 250, 553, 553, 553])
  t.match(replies, '553 sorry, no mailbox here by that name. (#5.1.1)\r\n')
  t.match(replies, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\r\n221 ", 'foreign domains hear so')
  t.same(codes(await bothWays(t, home, session, { RELAYCLIENT: '' })), [250, 250, 250, 250, 250])
})

t.test('a list that cannot be read ends the session with 421: nobody is refused for good because of it', async (t) => {
  for (const name of ['badmailfrom', 'badrcptto', 'validrcptto']) {
    const home = new ScratchHome(t, { [`${name}.cdb`]: 'no cdb' })
    const replies = await bothWays(t, home, naming('r@x', 'r@x'))
    t.match(replies, /^(250 ok\r\n)?421 unable to read controls \(#4\.3\.0\)\r\n$/, name)
  }
})

t.test('smtpd --listen takes up lists that appear, change and go, without a restart', async (t) => {
  const home = new ScratchHome(t)
  const server = new Resident(t, home)
  const port = await server.ready()
  const becomes = async (code: number): Promise<void> => {
    for (;;) {
      const client = server.client(port)
      client.send(naming('joe@test.example'))
      if (codes((await client.ending()).replace(/^.*\r\n/, ''))[0] === code) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  await becomes(250)
  home.control('badrcptto', 'joe@test.example\n')
  await becomes(553)
  rmSync(join(home.path, 'control/badrcptto'))
  await becomes(250)
  writeFileSync(join(home.path, 'control/validrcptto.cdb'), cdb({}))
  await becomes(553)
  writeFileSync(join(home.path, 'control/validrcptto.cdb'), cdb({ '@test.example': '' }))
  await becomes(250)
})

t.test('maxrecipients and MAXRCPT bound the recipients of one message', async (t) => {
  const home = new ScratchHome(t, { maxrecipients: '2\n', badrcptto: 'bad\n' })
  const replies = await bothWays(t, home, naming('r1', 'bad', 'r2', 'r3'))
  t.same(codes(replies), [250, 553, 250, 452])
  t.match(replies, '452 too many recipients (#4.5.3)\r\n')
  t.same(codes(await bothWays(t, home, naming('r1', 'r2', 'r3', 'r4'), { MAXRCPT: '3' })), [250, 250, 250, 452])
  t.same(codes(await bothWays(t, home, naming('r1', 'r2', 'r3'), { MAXRCPT: '0' })), [250, 250, 250])
})

t.test('mfcheck refuses senders whose domain has no mail host, and puts off those nobody can look up now', async (t) => {
  const zone = {
    'mx.example': { MX: [[10, 'host.example']] as const },
    'host.example': { A: ['192.0.2.1'] },
    'host6.example': { AAAA: ['2001:db8::1'] },
    'null.example': { MX: [[0, '']] as const },
    'bare.example': {},
    'dark.example': 'SERVFAIL' as const,
  }
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())
  const home = new ScratchHome(t, { mfcheck: '1\n', resolvers: `${dns.address}\n` })
  const senders = ['s@mx.example', 's@HOST.example', 's@host6.example', '', 's@[192.0.2.1]', 's@[IPv6:2001:db8::1]']
  const none = ['s@null.example', 's@bare.example', 's@gone.example', 's', 's@', 's@[x]']
  const from = (list: string[]): string => list.map((sender) => `MAIL FROM:<${sender}>\r\n`).join('')
  t.equal(await bothWays(t, home, `${from(senders)}QUIT\r\n`), `${'250 ok\r\n'.repeat(senders.length)}221 test.example\r\n`)
  const refused = '553 sorry, your envelope sender domain must exist (#5.7.1)\r\n'
  t.equal(await bothWays(t, home, `${from(none)}RCPT TO:<r>\r\n`), `${refused.repeat(none.length)}503 MAIL first (#5.5.1)\r\n`)
  t.equal(await bothWays(t, home, from(['s@dark.example'])), '451 DNS temporary failure (#4.3.0)\r\n')
  t.equal(await bothWays(t, home, from(none), { MFCHECK: '0' }), '250 ok\r\n'.repeat(none.length))
})

t.test('RCPTCHECK names a program that knows the recipients', async (t) => {
  const home = new ScratchHome(t)
  const program = `#!/bin/sh
case $RECIPIENT in [0-9]*) exit "\${RECIPIENT%%@*}";; esac
kill $$
`
  writeFileSync(join(home.path, 'check'), program, { mode: 0o755 })
  const check = { RCPTCHECK: 'check' }
  const replies = await bothWays(t, home, `HELO c\r\n${naming('0@x', '100@x', '1@x', '111@x', '0@x')}`, check)
  const no = '553 sorry, no mailbox here by that name. (#5.1.1)\r\n'
  t.equal(replies, `250 test.example\r\n250 ok\r\n250 ok\r\n${no}250 ok\r\n421 unable to verify recipient (#4.3.0)\r\n`)
  t.match(await bothWays(t, home, naming('120@x'), check), /\r\n421 unable to execute recipient check \(#4\.3\.0\)\r\n$/)
  t.match(await bothWays(t, home, naming('killed'), check), /\r\n421 unable to verify recipient \(#4\.3\.0\)\r\n$/)
  t.match(await bothWays(t, home, naming('0@x'), { RCPTCHECK: 'gone' }), /\r\n421 unable to execute recipient check \(#4\.3\.0\)\r\n$/)
  t.same(codes(await bothWays(t, home, naming('100@x'), { ...check, RELAYCLIENT: '' })), [250], 'relay clients are not checked')
  t.same(codes(await bothWays(t, home, naming('100@x'), { RCPTCHECK: '' })), [250], 'an empty name is none')
})

t.test('RCPTCHECK finds the sender, the recipient and the HELO name as bytes, and the home as its directory', async (t) => {
  const home = new ScratchHome(t)
  const program = `#!/bin/sh
printf %s "$SENDER|$RECIPIENT|\${HELO-none}" >seen
test -e control/me || exit 111
`
  writeFileSync(join(home.path, 'check'), program, { mode: 0o755 })
  const session = 'MAIL FROM:<s \xe9@x.example>\r\nRCPT TO:<"r $(id)"@y>\r\nQUIT\r\n'
  t.same(codes(await bothWays(t, home, session, { RCPTCHECK: join(home.path, 'check') })), [250])
  t.equal(readFileSync(join(home.path, 'seen'), 'latin1'), 's \xe9@x.example|r $(id)@y|none')
})

t.test('a client that speaks before a delayed greeting hears 554, one that waits is greeted', async (t) => {
  const home = new ScratchHome(t, { greetdelay: '1\n' })
  const early = '554 SMTP protocol violation: you spoke before my greeting (#5.5.1)\r\n'
  t.equal(await oneShot(home, 'QUIT\r\n'), early)
  const server = new Resident(t, home)
  const port = await server.ready()
  const hasty = server.client(port)
  hasty.send('HELO c\r\n')
  t.equal(await hasty.ending(), early)
  const gone = server.client(port)
  gone.socket.end()
  t.equal(await gone.ending(), '', 'one that leaves before it is not greeted')
  const patient = server.client(port)
  t.equal(await patient.replies(), '220 test.example ESMTP\r\n')
  t.equal(await patient.ask('QUIT\r\n'), '221 test.example\r\n')
  t.match(await oneShot(home, 'QUIT\r\n', { GREETDELAY: '0' }), /^220 /)
})

t.test('smtpd --listen leaves at TERM without waiting for delays', async (t) => {
  const home = new ScratchHome(t, { greetdelay: '1000000\n' })
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await new Promise((resolve) => client.socket.once('connect', resolve))
  const other = new Resident(t, home, ['--no-ptr'], { GREETDELAY: '0', TARPITCOUNT: '2', TARPITDELAY: '1000000' })
  const caught = other.client(await other.ready())
  t.match(await caught.ask(naming('r1', 'r2', 'r3'), 3), /^220 .*\r\n250 ok\r\n250 ok\r\n$/)
  const free = other.client(other.port('127.0.0.1'))
  t.match(await free.ask('NOOP\r\n', 2), /250 ok\r\n$/, 'others are served meanwhile')
  t.equal(await other.ends('SIGTERM'), 0)
  t.equal(await caught.ending(), '421 shutting down, try again (#4.3.2)\r\n')
  t.equal(await server.ends('SIGTERM'), 0)
  t.match(await client.ending(), /^(421 shutting down, try again \(#4\.3\.2\)\r\n)?$/)
})

t.test('a tarpit delays the replies from the tarpitcount-th recipient on, and then gives them', async (t) => {
  const home = new ScratchHome(t, { tarpitcount: '2\n', tarpitdelay: '1\n', badrcptto: 'bad\n' })
  t.same(codes(await bothWays(t, home, naming('r1', 'bad', 'r3'))), [250, 553, 250])
  t.same(codes(await bothWays(t, home, naming('r1', 'r2', 'r3'), { TARPITDELAY: '1000000', TARPITCOUNT: '4' })), [250, 250, 250])
})

t.test('the text of a queue program that exits 82 or 88 becomes the reply', async (t) => {
  const home = new ScratchHome(t)
  const mail = 'MAIL FROM:<s>\r\nRCPT TO:<r>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n'
  for (const code of [82, 88]) {
    home.queueEnds(`printf 'Dno spam here (#5.7.1)' >&6; exit ${code}`)
    t.match(await bothWays(t, home, mail), /\r\n554 no spam here \(#5\.7\.1\)\r\n221 /)
    home.queueEnds(`printf 'Zcome back later (#4.7.1)' >&6; exit ${code}`)
    t.match(await bothWays(t, home, mail), /\r\n451 come back later \(#4\.7\.1\)\r\n221 /)
    home.queueEnds(`exit ${code}`)
    t.match(await bothWays(t, home, mail), /\r\n451 qq temporary problem \(#4\.3\.0\)\r\n221 /)
  }
})
