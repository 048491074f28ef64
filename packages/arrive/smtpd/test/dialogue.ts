import { headerDate } from '@yabumi/dates'
import t from 'tap'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'
import { startNameServer } from './scratch/nameserver.ts'

const host = { me: 'blue.sci.hokudai.ac.jp\n', rcpthosts: 'yabumi.com\n' }

t.test('the SMTP dialogue, server side, as printed in the seed document', async (t) => {
  const home = new ScratchHome(t, host)
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  t.equal(await client.replies(), '220 blue.sci.hokudai.ac.jp ESMTP\r\n')
  t.equal(await client.ask('EHLO mail.yabumi.com\r\n'), '250-blue.sci.hokudai.ac.jp\r\n250-PIPELINING\r\n250 8BITMIME\r\n')
  t.equal(await client.ask('MAIL FROM:<kyoma@blue.sci.hokudai.ac.jp>\r\n'), '250 ok\r\n')
  t.equal(await client.ask('RCPT TO:<kyoma@yabumi.com>\r\n'), '250 ok\r\n')
  t.equal(await client.ask('DATA\r\n'), '354 go ahead\r\n')
  t.match(await client.ask('Subject: test\r\n\r\ntest.\r\n.\r\n'), /^250 ok [0-9]+ qp [0-9]+\r\n$/)
  t.equal(await client.ask('RSET\r\n'), '250 flushed\r\n')
  t.equal(await client.ask('QUIT\r\n'), '221 blue.sci.hokudai.ac.jp\r\n')
  t.equal(await client.ending(), '')
})

t.test(
  'the submission dialogue: HELO [133.50.133.146], RSET, MAIL, RCPT, DATA, QUIT; and the Received line with the PTR name',
  async (t) => {
    const home = new ScratchHome(t, host)
    const names = await startNameServer(t, { '127.0.0.1': 'SkyBlue.sci.hokudai.ac.jp' })
    home.control('resolvers', `127.0.0.1:${names.port}\n`)
    const server = new Resident(t, home, [])
    const client = server.client(await server.ready())
    t.equal(await client.replies(), '220 blue.sci.hokudai.ac.jp ESMTP\r\n')
    t.equal(await client.ask('HELO [133.50.133.146]\r\n'), '250 blue.sci.hokudai.ac.jp\r\n')
    t.equal(await client.ask('RSET\r\n'), '250 flushed\r\n')
    t.equal(await client.ask('MAIL FROM:<kyoma@blue.sci.hokudai.ac.jp>\r\n'), '250 ok\r\n')
    t.equal(await client.ask('RCPT TO:<kyoma@yabumi.com>\r\n'), '250 ok\r\n')
    t.equal(await client.ask('DATA\r\n'), '354 go ahead\r\n')
    const message = 'Date: Wed, 23 Jun 1999 12:02:24 +0900\r\nTo: kyoma@yabumi.com\r\nSubject: test\r\n\r\ntest.\r\n\r\n'
    const verdict = await client.ask(`${message}.\r\n`)
    t.match(verdict, /^250 ok [0-9]+ qp [0-9]+\r\n$/)
    t.equal(await client.ask('QUIT\r\n'), '221 blue.sci.hokudai.ac.jp\r\n')
    const { message: queued, envelope } = home.queued()[0] ?? { message: '', envelope: '' }
    t.equal(envelope, 'Fkyoma@blue.sci.hokudai.ac.jp\0Tkyoma@yabumi.com\0\0')
    const seconds = Number(verdict.split(' ')[2])
    const dates = [seconds, seconds - 1, seconds - 2].map(headerDate)
    const [first, second, ...rest] = queued.split('\n')
    t.equal(first, 'Received: from skyblue.sci.hokudai.ac.jp (HELO [133.50.133.146]) (127.0.0.1)')
    t.ok(
      dates.some((date) => second === `  by blue.sci.hokudai.ac.jp with SMTP; ${date}`),
      second ?? 'no second line',
    )
    t.equal(rest.join('\r\n'), message)
  },
)
