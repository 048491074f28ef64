// control/esmtp 1: what EHLO offers beyond qmail's, and the parameters of MAIL and RCPT that go with it.
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

async function sessions(t: Test, controls: Record<string, string>): Promise<() => Promise<Client>> {
  const home = new ScratchHome(t, { esmtp: '1\n', ...controls })
  const server = new Resident(t, home)
  const port = await server.ready()
  return async () => {
    const client = server.client(port)
    await client.replies()
    return client
  }
}

t.test('EHLO without control/esmtp, and with 0, is answered as by qmail, and parameters are passed over', async (t) => {
  for (const esmtp of [undefined, '0\n']) {
    const home = new ScratchHome(t, { databytes: '10\n', ...(esmtp === undefined ? {} : { esmtp }) })
    const server = new Resident(t, home)
    const client = server.client(await server.ready())
    await client.replies()
    t.equal(await client.ask('EHLO x\r\n'), '250-test.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n')
    t.equal(await client.ask('MAIL FROM:<s@far.example> SIZE=x SIZE=99 BODY=Q\r\n'), '250 ok\r\n')
    t.equal(await client.ask('RCPT TO:<r@test.example> NOTIFY=NEVER\r\n'), '250 ok\r\n')
  }
})

t.test('EHLO with control/esmtp 1 offers SIZE with databytes, and LIMITS with the most recipients, in this order', async (t) => {
  const plain = await (await sessions(t, {}))()
  const lines = ['250-test.example', '250-PIPELINING', '250-8BITMIME', '250-SIZE', '250-CHUNKING', '250 LIMITS RCPTMAX=50000', '']
  t.equal(await plain.ask('EHLO x\r\n'), lines.join('\r\n'))
  const limited = await (await sessions(t, { databytes: '1000\n', maxrecipients: '7\n' }))()
  t.equal(await limited.ask('EHLO x\r\n'), lines.join('\r\n').replace('SIZE', 'SIZE 1000').replace('50000', '7'))
})

t.test('MAIL with a SIZE beyond databytes is refused before any byte of the message, and what is no size with 501', async (t) => {
  const client = await (await sessions(t, { databytes: '1000\n' }))()
  await client.ask('EHLO x\r\n')
  const mail = (parameters: string): Promise<string> => client.ask(`MAIL FROM:<s@far.example>${parameters}\r\n`)
  t.equal(await mail(' SIZE=1001'), '552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n')
  t.equal(await client.ask('RCPT TO:<r@test.example>\r\n'), '503 MAIL first (#5.5.1)\r\n', 'there is no transaction')
  for (const good of [' SIZE=1000', ' size=0', ' Size=00000000000000000001', '  SIZE=1  ', ''])
    t.equal(await mail(good), '250 ok\r\n', good)
  const wrong = '501 SIZE is a number of at most 20 digits (#5.5.4)\r\n'
  for (const bad of [' SIZE', ' SIZE=', ' SIZE=-1', ' SIZE=1x', ` SIZE=${'0'.repeat(21)}`]) t.equal(await mail(bad), wrong, bad)
  t.equal(await mail(' SIZE=99999999999999999999'), '552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n')
  t.equal(await mail(' SIZE=1 SIZE=1'), '501 that parameter stands there twice (#5.5.4)\r\n')
})

t.test('after HELO nothing is offered, so parameters are passed over', async (t) => {
  const client = await (await sessions(t, { databytes: '10\n' }))()
  await client.ask('EHLO x\r\n')
  await client.ask('HELO x\r\n')
  t.equal(await client.ask('MAIL FROM:<s@far.example> SIZE=11\r\n'), '250 ok\r\n')
})

t.test('a parameter that is not offered is refused with control/strictparameters 1, at MAIL and RCPT, and after HELO', async (t) => {
  const client = await (await sessions(t, { strictparameters: '1\n' }))()
  const refusal = '555 parameter not supported (#5.5.4)\r\n'
  await client.ask('EHLO x\r\n')
  t.equal(await client.ask('MAIL FROM:<s@far.example> RET=HDRS\r\n'), refusal)
  t.equal(await client.ask('MAIL FROM:<s@far.example> constructor=1\r\n'), refusal)
  t.equal(await client.ask('MAIL FROM:<s@far.example> SIZE=1\r\n'), '250 ok\r\n')
  t.equal(await client.ask('RCPT TO:<r@test.example> NOTIFY=NEVER\r\n'), refusal)
  t.equal(await client.ask('RCPT TO:<r@test.example>\r\n'), '250 ok\r\n')
  await client.ask('HELO x\r\n')
  t.equal(await client.ask('MAIL FROM:<s@far.example> SIZE=1\r\n'), refusal)
})

t.test('with control/enhancedstatus 1 each reply after EHLO has a status in front of its text, and none before', async (t) => {
  const client = await (await sessions(t, { enhancedstatus: '1\n', databytes: '1000\n' }))()
  const ask = (line: string): Promise<string> => client.ask(`${line}\r\n`)
  t.equal(await ask('NOOP'), '250 ok\r\n')
  t.match(await ask('EHLO x'), /^250-test\.example\r\n(?:.*\r\n)*250-ENHANCEDSTATUSCODES\r\n250 LIMITS/)
  for (const [line, reply] of [
    ['RCPT TO:<r@x>', '503 5.5.1 MAIL first (#5.5.1)'],
    ['MAIL FROM:<s@x> SIZE=x', '501 5.5.4 SIZE is a number of at most 20 digits (#5.5.4)'],
    ['MAIL FROM:<s@x> SIZE=1001', '552 5.3.4 sorry, that message size exceeds my databytes limit (#5.3.4)'],
    ['MAIL FROM:<s@x>', '250 2.1.0 ok'],
    ['RCPT TO:<r@x>', '250 2.1.5 ok'],
    ['NOOP', '250 2.0.0 ok'],
    ['VRFY x', "252 2.0.0 send some mail, i'll try my best"],
    ['NONSENSE', '502 5.5.1 unimplemented (#5.5.1)'],
    ['DATA', '354 go ahead'],
  ])
    t.equal(await ask(line as string), `${reply}\r\n`)
  t.match(await ask('Subject: x\r\n\r\nx\r\n.'), /^250 2\.0\.0 ok [0-9]+ qp [0-9]+\r\n$/)
  t.equal(await ask('RSET'), '250 2.0.0 flushed\r\n')
  t.equal(await ask('HELO x'), '250 test.example\r\n')
  t.equal(await ask('NOOP'), '250 ok\r\n')
  await ask('EHLO x')
  t.equal(await ask('QUIT'), '221 2.0.0 test.example\r\n')
})

t.test('a line of control/esmtp that is neither 0 nor 1 leaves the last good reading, and is named', async (t) => {
  const home = new ScratchHome(t, { esmtp: '1\n' })
  const server = new Resident(t, home)
  const port = await server.ready()
  home.control('esmtp', 'yes\n')
  await server.logs('control/esmtp line 1: is neither 0 nor 1, so the last good reading counts')
  const client = server.client(port)
  await client.replies()
  t.match(await client.ask('EHLO x\r\n'), /LIMITS/)
})
