// What smtpd makes of recipientd's answers, and of having none; a program in recipientd's place says what a test wants.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { encodeRecord } from '../../../system/loginprotocol/src/record.ts'
import { UserQuestions } from '../src/userquestions.ts'
import { bothWays, codes, naming } from './scratch/bothways.ts'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const unknown = '553 sorry, no mailbox here by that name. (#5.1.1)\r\n'

/** Answers every call with these fields, or hangs up where there are none. @returns the recipients and clients that it was asked for */
async function standIn(t: Test, home: ScratchHome, fields: readonly string[]): Promise<string[]> {
  const asked: string[] = []
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes: Buffer) => {
      const [, recipient = '', client = ''] = bytes.subarray(2).toString('latin1').split('\0')
      asked.push(`${recipient} ${client}`)
      if (fields.length === 0) socket.destroy()
      else socket.end(encodeRecord(fields))
    })
  })
  t.teardown(() => server.close())
  server.listen(join(home.path, 'recipientd.sock'))
  await once(server, 'listening')
  return asked
}

t.test('without control/unknownusers, or with accept, nobody is asked and replies are as before', async (t) => {
  for (const controls of [{}, { unknownusers: 'accept\n' }]) {
    const home = new ScratchHome(t, { rcpthosts: 'test.example\n', ...controls })
    const session = naming('nobody@test.example', 'joe@far.example', '')
    const before = await bothWays(t, home, session)
    t.same(codes(before), [250, 553, 553])
    const asked = await standIn(t, home, ['unknown', 'later'])
    t.equal(await bothWays(t, home, session), before)
    t.same(asked, [])
  }
})

t.test('with refuse a certain no is 553, and only those are asked for whom nothing else refuses', async (t) => {
  const home = new ScratchHome(t, {
    unknownusers: 'refuse\n',
    rcpthosts: 'test.example\n',
    badrcptto: 'bad@test.example\n',
    badmailfrom: 'b@x.example\n',
  })
  const asked = await standIn(t, home, ['unknown', 'at once'])
  const replies = await bothWays(t, home, naming('nobody@test.example', 'bad@test.example', 'joe@far.example', '@test.example'))
  t.equal(replies.split('\r\n')[1], unknown.trimEnd())
  t.same(codes(replies), [553, 553, 553, 553])
  t.same(asked, ['nobody@test.example unknown', 'nobody@test.example 127.0.0.1'])
  t.match(await bothWays(t, home, 'MAIL FROM:<b@x.example>\r\nRCPT TO:<nobody@test.example>\r\nQUIT\r\n'), 'badmailfrom')
  t.equal(asked.length, 2)
})

t.test('relay clients are not asked for', async (t) => {
  const home = new ScratchHome(t, { unknownusers: 'refuse\n' })
  const asked = await standIn(t, home, ['unknown', 'at once'])
  t.same(codes(await bothWays(t, home, naming('nobody@test.example'), { RELAYCLIENT: '' })), [250])
  t.same(asked, [])
})

t.test('recipients of other hosts, for whom this one takes mail, are not asked for; those of virtual domains are', async (t) => {
  const home = new ScratchHome(t, { unknownusers: 'refuse\n', rcpthosts: '.example\n', virtualdomains: 'virtual.example:joe\n' })
  const asked = await standIn(t, home, ['unknown', 'at once'])
  t.same(codes(await bothWays(t, home, naming('nobody@far.example'))), [250])
  t.same(asked, [])
  t.same(codes(await bothWays(t, home, naming('nobody@virtual.example'))), [553])
  t.equal(asked.length, 2)
})

t.test('a program that checks recipients is asked first, and both may refuse', async (t) => {
  const home = new ScratchHome(t, { unknownusers: 'refuse\n' })
  const asked = await standIn(t, home, ['unknown', 'at once'])
  t.same(codes(await bothWays(t, home, naming('nobody@test.example'), { RCPTCHECK: '/bin/true' })), [553])
  t.equal(asked.length, 2)
  writeFileSync(join(home.path, 'checks'), '#!/bin/sh\nexit 100\n', { mode: 0o755 })
  t.same(codes(await bothWays(t, home, naming('nobody@test.example'), { RCPTCHECK: 'checks' })), [553])
  t.equal(asked.length, 2)
})

t.test('whatever is not a certain no takes the mail: no listener, no answer, another one, or that it cannot be said', async (t) => {
  const alone = new ScratchHome(t, { unknownusers: 'refuse\n' })
  t.same(codes(await bothWays(t, alone, naming('nobody@test.example'))), [250], 'nobody listens')
  for (const fields of [[], ['unknown'], ['no', 'at once'], ['unknown', 'now'], ['uncertain', 'at once'], ['known', 'at once']]) {
    const home = new ScratchHome(t, { unknownusers: 'refuse\n' })
    const asked = await standIn(t, home, fields)
    t.same(codes(await bothWays(t, home, naming('nobody@test.example'))), [250], fields.join())
    t.equal(asked.length, 2)
  }
})

t.test('trouble is said once a minute, and not that a recipient is uncertain', async (t) => {
  const home = new ScratchHome(t, { unknownusers: 'refuse\n' })
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  t.match(await client.ask('MAIL FROM:<>\r\nRCPT TO:<nobody>\r\nRCPT TO:<none>\r\n', 4), /(250 ok\r\n){3}$/)
  await standIn(t, home, ['uncertain', 'at once'])
  t.equal(await client.ask('RCPT TO:<nobody>\r\n'), '250 ok\r\n')
  await server.ends('SIGTERM')
  const lines = server.log.split('\n').filter((line) => line.includes('recipientd'))
  t.equal(lines.length, 1)
  t.match(lines[0], /^smtpd: unable to ask recipientd: .*; mail for unknown users is taken$/)
})

t.test('a client that has named too many hears 421, and its session is over', async (t) => {
  const home = new ScratchHome(t, { unknownusers: 'refuse\n' })
  await standIn(t, home, ['unknown', 'later'])
  const replies = await bothWays(t, home, naming('nobody@test.example', 'joe@test.example'))
  t.equal(replies, '250 ok\r\n421 too many unknown recipients from your network, try again later (#4.7.1)\r\n')
})

t.test('where recipientd says slowly, whoever was asked for, the reply waits a moment', async (t) => {
  const start = process.cwd()
  for (const [verdict, refusal] of [
    ['known', undefined],
    ['unknown', { reply: unknown }],
  ] as const) {
    const home = new ScratchHome(t)
    await standIn(t, home, [verdict, 'slowly'])
    process.chdir(home.path)
    const answer = await new UserQuestions(() => undefined).ask('joe', '192.0.2.1')
    process.chdir(start)
    t.same(answer, { delaySeconds: 1, ...(refusal && { refusal }) })
  }
})

t.test('who is known is not asked for again for as long as recipientd says, but by a client that was told to wait', async (t) => {
  const start = process.cwd()
  const home = new ScratchHome(t)
  process.chdir(home.path)
  t.teardown(() => process.chdir(start))
  const answer = ['known', 'at once', '60']
  const asked = await standIn(t, home, answer)
  const users = new UserQuestions(() => undefined)
  const ask = async (recipient: string, client: string, ...fields: string[]): Promise<number> => {
    answer.splice(0, 3, ...fields)
    await users.ask(recipient, client)
    return asked.length
  }
  t.equal(await ask('joe', '192.0.2.1', 'known', 'at once', '60'), 1)
  t.equal(await ask('JOE', '192.0.2.2', 'known', 'at once', '60'), 1)
  t.equal(await ask('ann', '192.0.2.1', 'known', 'at once', '0'), 2)
  t.equal(await ask('ann', '192.0.2.1', 'unknown', 'slowly', '60'), 3, 'not kept any more')
  t.equal(await ask('joe', '192.0.2.1', 'known', 'slowly', '60'), 4, 'and now each question is asked')
  t.equal(await ask('joe', '192.0.2.2', 'known', 'at once', '60'), 4, 'not those of others')
  t.equal(await ask('ann', '192.0.2.2', 'unknown', 'at once', '60'), 5)
  t.equal(await ask('ann', '192.0.2.2', 'unknown', 'at once', '60'), 6, 'who is unknown is asked for each time: it is counted')
})

t.test('a bad line refuses at first, and later leaves what held before; the log names it', async (t) => {
  const home = new ScratchHome(t, { unknownusers: 'yes\n' })
  await standIn(t, home, ['unknown', 'at once'])
  t.same(codes(await bothWays(t, home, naming('nobody'))), [553])
  home.control('unknownusers', 'accept\n')
  const server = new Resident(t, home)
  const port = await server.ready()
  home.control('unknownusers', 'refused\n')
  server.process.kill('SIGHUP')
  await server.logs('smtpd: warning: control/unknownusers line 1: is neither accept nor refuse, so the last good line still counts\n')
  const client = server.client(port)
  t.match(await client.ask('MAIL FROM:<>\r\nRCPT TO:<nobody>\r\n', 3), /250 ok\r\n$/)
  home.control('unknownusers', 'refuse\r\n')
  server.process.kill('SIGHUP')
  for (let heard = ''; !heard.endsWith(unknown); ) {
    const again = server.client(port)
    heard = await again.ask('MAIL FROM:<>\r\nRCPT TO:<nobody>\r\n', 3)
    again.socket.destroy()
  }
  await server.ends('SIGTERM')
})
