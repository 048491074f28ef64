// control/smtputf8: addresses with other letters than those of ASCII (RFC 6531).
import t, { type Test } from 'tap'
import { type Client, Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

async function door(t: Test, controls: Record<string, string> = {}): Promise<{ home: ScratchHome; client: Client }> {
  const home = new ScratchHome(t, { esmtp: '1\n', smtputf8: '1\n', ...controls })
  const server = new Resident(t, home)
  const client = server.client(await server.ready())
  await client.replies()
  return { home, client }
}

t.test('EHLO offers SMTPUTF8 with both control files at 1, and not otherwise', async (t) => {
  t.match(await (await door(t)).client.ask('EHLO x\r\n'), /250-CHUNKING\r\n250-SMTPUTF8\r\n/)
  t.notMatch(await (await door(t, { smtputf8: '0\n' })).client.ask('EHLO x\r\n'), 'SMTPUTF8')
  t.notMatch(await (await door(t, { esmtp: '0\n' })).client.ask('EHLO x\r\n'), 'SMTPUTF8')
})

t.test('an address with UTF-8 is queued with its domain in A-labels, and the fact with it', async (t) => {
  const { home, client } = await door(t, { rcpthosts: 'BÜCHER.example\n.straße.example\n' })
  await client.ask('EHLO x\r\n')
  t.equal(await client.ask(bytes('MAIL FROM:<jörg@müller.example> SMTPUTF8\r\n')), '250 ok\r\n')
  t.equal(await client.ask(bytes('RCPT TO:<用户@bücher.example> ORCPT=utf-8;用户@b\r\n')), '250 ok\r\n')
  t.equal(await client.ask('RCPT TO:<a@xn--BCHER-kva.example>\r\n'), '250 ok\r\n')
  t.equal(await client.ask(bytes('RCPT TO:<b@sub.straße.example>\r\n')), '250 ok\r\n')
  t.match(await client.ask(bytes('RCPT TO:<c@andere.bücher.example>\r\n')), /^553 sorry, that domain isn't/)
  await client.ask('DATA\r\n')
  t.match(await client.ask('Subject: x\r\n\r\n.\r\n'), /^250 ok/)
  const [sender, ...recipients] = (home.queued()[0]?.envelope ?? '').split('\0')
  t.equal(sender, bytes('Fjörg@xn--mller-kva.example'))
  const [first, second, third] = recipients
  t.same([first, second], [bytes('T用户@xn--bcher-kva.example'), 'Ta@xn--BCHER-kva.example'])
  t.match(third, /^Tb@sub\.xn--/)
  t.match(home.facts(), /SMTPUTF8=1/)
})

t.test('an address with UTF-8 and no SMTPUTF8, or with bytes that are no UTF-8, or no domain, is refused', async (t) => {
  const { client } = await door(t)
  await client.ask('EHLO x\r\n')
  const needs = '553 that address needs SMTPUTF8 (#5.6.7)\r\n'
  t.equal(await client.ask(bytes('MAIL FROM:<jörg@x.example>\r\n')), needs)
  t.equal(await client.ask('MAIL FROM:<s@x.example>\r\n'), '250 ok\r\n')
  t.equal(await client.ask(bytes('RCPT TO:<jörg@test.example>\r\n')), needs)
  t.equal(await client.ask('MAIL FROM:<j\xf6rg@x.example> SMTPUTF8\r\n'), '501 that address is no UTF-8 (#5.6.7)\r\n')
  t.equal(await client.ask('MAIL FROM:<s@x.example> SMTPUTF8=1\r\n'), '501 SMTPUTF8 has no value (#5.5.4)\r\n')
  t.match(await client.ask(bytes('MAIL FROM:<s@x\u2488.example> SMTPUTF8\r\n')), /^553 sorry, a domain has no other bytes/)
})

t.test('without control/smtputf8 addresses are bytes, as by qmail', async (t) => {
  const { client } = await door(t, { smtputf8: '0\n' })
  await client.ask('EHLO x\r\n')
  t.equal(await client.ask('MAIL FROM:<j\xf6rg@x.example> SMTPUTF8\r\n'), '250 ok\r\n')
  t.equal(await client.ask('RCPT TO:<j\xf6rg@test.example>\r\n'), '250 ok\r\n')
})
