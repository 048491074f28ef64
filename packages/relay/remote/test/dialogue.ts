/** The program as qmail-rspawn runs it, and the dialogue of the seed document. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { startDnsServer } from '../../../../test/support/dns-server.ts'
import { manners, startHost } from '../../../../test/support/host.ts'

const remote = join(import.meta.dirname, '../../../../bin/remote')

const message = `Received: (qmail 28663 invoked from network); 23 Jun 1999 03:02:22 -0000
Received: from skyblue.sci.hokudai.ac.jp (HELO ?133.50.133.146?) (133.50.133.146)
  by blue.sci.hokudai.ac.jp with SMTP; 23 Jun 1999 03:02:22 -0000
Date: Wed, 23 Jun 1999 12:02:24 +0900
To: kyoma@yabumi.com
From: kyoma@blue.sci.hokudai.ac.jp
Subject: test
X-Mailer: Eudora-J(1.3.8.8r6-J16)

test.

`

/** What the host of the document answers. */
const answers: Record<string, string> = {
  HELO: '250 mail.yabumi.com Hello blue.sci.hokudai.ac.jp [133.87.45.26], pleased to meet you',
  MAIL: '250 <kyoma@blue.sci.hokudai.ac.jp>... Sender ok',
  RCPT: '250 <kyoma@yabumi.com>... Recipient ok',
  '.': '250 UAA00874 Message accepted for delivery',
  QUIT: '221 mail.yabumi.com closing connection',
}

function run(home: string, args: string[], input: string) {
  return execa(remote, args, { env: { YABUMI_HOME: home }, input, stripFinalNewline: false })
}

t.test('seed 6: the SMTP dialogue with MX look-up, as the document prints it', async (t) => {
  const dns = await startDnsServer({
    'yabumi.com': { MX: [[10, 'mail.yabumi.com']] },
    'mail.yabumi.com': { A: ['127.0.0.2'] },
  })
  t.teardown(() => dns.close())
  const host = await startHost(
    manners((line) => answers[line.slice(0, 4)]),
    '127.0.0.2',
  )
  t.teardown(() => host.close())
  const home = t.testdir({
    control: { me: 'blue.sci.hokudai.ac.jp\n', resolvers: `${dns.address}\n`, smtproutes: `::${host.port}\n` },
  })
  const { stdout, stderr } = await run(home, ['yabumi.com', 'kyoma@blue.sci.hokudai.ac.jp', 'kyoma@yabumi.com'], message)
  t.equal(stdout, 'r\0K127.0.0.2 accepted message.\nRemote host said: 250 UAA00874 Message accepted for delivery\n\0')
  t.equal(stderr, '')
  t.equal(
    host.connections[0]?.wire,
    [
      'HELO blue.sci.hokudai.ac.jp\r\n',
      'MAIL FROM:<kyoma@blue.sci.hokudai.ac.jp>\r\n',
      'RCPT TO:<kyoma@yabumi.com>\r\n',
      'DATA\r\n',
      message.replaceAll('\n', '\r\n'),
      '.\r\n',
      'QUIT\r\n',
    ].join(''),
  )
  t.same(dns.queries.slice(0, 2), ['udp MX yabumi.com', 'udp A mail.yabumi.com'])
})

t.test('the next address is tried when the first refuses connections, IPv6 included', async (t) => {
  const host = await startHost(manners(), '127.0.0.3')
  t.teardown(() => host.close())
  const dns = await startDnsServer({
    'two.example': {
      MX: [
        [10, 'down.example'],
        [20, 'up.example'],
      ],
    },
    'down.example': { A: ['127.0.0.2'], AAAA: ['::2'] },
    'up.example': { A: ['127.0.0.3'] },
  })
  t.teardown(() => dns.close())
  const home = t.testdir({ control: { me: 'a.example\n', resolvers: `${dns.address}\n`, smtproutes: `::${host.port}\n` } })
  const { stdout } = await run(home, ['two.example', 's@a.example', 'r@two.example'], 'x\n')
  t.equal(stdout, 'r\0K127.0.0.3 accepted message.\nRemote host said: 250 ok\n\0')
})

t.test('what is wrong before there is a host is reported, with exit 0', async (t) => {
  const home = t.testdir({ control: { me: 'a.example\n', smtproutes: ':127.0.0.1:1\n' }, bare: { control: {} } })
  const report = async (where: string, ...args: string[]) => (await run(where, args, 'x\n')).stdout
  t.equal(await report(home), 'DI (qmail-remote) was invoked improperly. (#5.3.5)\n\0')
  t.equal(await report(`${home}/no`, 'h', 's', 'r'), 'ZUnable to switch to home directory. (#4.3.0)\n\0')
  t.equal(await report(`${home}/bare`, 'h', 's', 'r'), 'ZUnable to read control files. (#4.3.0)\n\0')
  t.equal(await report(home, 'h', 's', 'r'), "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n\0")
  writeFileSync(join(home, 'control/resolvers'), '')
  writeFileSync(join(home, 'control/smtproutes'), 'h:\n:127.0.0.1:1\n')
  t.equal(await report(home, 'h', 's', 'r'), "ZSorry, I couldn't find any host by that name. (#4.1.2)\n\0", 'no server is named')
})

t.test('addresses of any bytes reach the wire as they were given', async (t) => {
  const host = await startHost(manners())
  t.teardown(() => host.close())
  const home = t.testdir({ control: { me: 'a.example\n', smtproutes: `:127.0.0.1:${host.port}\n` } })
  const { stdout } = await execa('sh', ['-c', '"$0" h.example "$(printf "\\351@x")" "$(printf "caf\\303\\251 au lait@x")"', remote], {
    env: { YABUMI_HOME: home },
    input: 'x\n',
  })
  t.match(stdout, /^r\0K/)
  t.match(host.connections[0]?.wire, 'MAIL FROM:<"\xe9"@x>\r\nRCPT TO:<"caf\xc3\xa9 au lait"@x>\r\n')
})
