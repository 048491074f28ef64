/** control/esmtp 1: EHLO, and what a host has offered to hear with MAIL and RCPT; 8-bit messages for hosts that do not take them. */
import { rmSync, writeFileSync } from 'node:fs'
import { checkedFacts } from '@yabumi/facts'
import t, { type Test } from 'tap'
import { manners } from '../../../../test/support/host.ts'
import { attempt, makeHome } from './support/attempt.ts'

makeHome(t)
const setting = (name: string, text: string): void => writeFileSync(`control/${name}`, text)
setting('esmtp', '1\n')
setting('just8', '0\n')

const hello = '250-host.example greets'
const all = [hello, '250-PIPELINING', '250-8BITMIME', '250-size 100000', '250-DSN', '250 ENHANCEDSTATUSCODES'].join('\r\n')
/** A host that answers EHLO so. */
const offering = (answer: string, other: (line: string) => string | undefined = () => undefined) =>
  manners((line) => (line.startsWith('EHLO') ? answer : other(line)))

/** The commands that one host got, without the message. */
async function commands(t: Test, session: ReturnType<typeof manners>, mail: Parameters<typeof attempt>[2] = {}) {
  const { reports, wires } = await attempt(t, session, mail)
  const [head = '', rest = ''] = (wires[0] ?? '').split('DATA\r\n')
  return { reports, lines: head.split('\r\n'), body: rest.split('\r\n.\r\n')[0] ?? '', last: rest }
}

t.test('a host is told size and body if it has offered to hear that, and not otherwise', async (t) => {
  const { lines } = await commands(t, offering(all), { message: 'Subject: t\n\n.dot\nx\n' })
  t.same(lines.slice(0, 3), ['EHLO test.example', 'MAIL FROM:<s@x.example> SIZE=23', 'RCPT TO:<r@h.example>'])
  const bare = await commands(t, offering('250 host.example'))
  t.same(bare.lines.slice(1, 2), ['MAIL FROM:<s@x.example>'])
})

t.test('an 8-bit message is said to be one, and goes as it is', async (t) => {
  const { lines, body } = await commands(t, offering(all), { message: 'Subject: t\n\ncaf\xe9\n' })
  t.equal(lines[1], 'MAIL FROM:<s@x.example> BODY=8BITMIME SIZE=20')
  t.equal(Buffer.from(body, 'latin1').toString('latin1'), 'Subject: t\r\n\r\ncaf\xe9')
})

t.test('a host that does not know EHLO is greeted with HELO, and one that puts us off is not', async (t) => {
  for (const reply of ['500 what?', '502 unimplemented (#5.5.1)', '550 no']) {
    const { lines, reports } = await commands(t, offering(reply))
    t.same(lines.slice(0, 3), ['EHLO test.example', 'HELO test.example', 'MAIL FROM:<s@x.example>'], reply)
    t.match(reports.at(-1), /^K/)
  }
  const { lines, reports } = await commands(t, offering('451 later'))
  t.same(lines.slice(0, 2), ['EHLO test.example', 'QUIT'])
  t.match(reports, [/^ZConnected to 127\.0\.0\.1 but my name was rejected\.\nRemote host said: 451 later/])
})

t.test('a message that is larger than the host takes, or nearly so, fails before DATA', async (t) => {
  const message = (bytes: number): string => `X: ${'x'.repeat(bytes - 7)}\n\n`
  const small = all.replace('100000', '1000')
  const large = await commands(t, offering(small), { message: message(1000) })
  t.same(large.lines.slice(1, 2), ['QUIT'])
  t.same(large.reports, ['D127.0.0.1 does not take messages of that size. (#5.3.4)\n'])
  t.match((await commands(t, offering(small), { message: message(900) })).reports.at(-1), /^K/)
  for (const any of ['SIZE 0', 'SIZE', 'SIZE x'])
    t.match((await commands(t, offering(all.replace('size 100000', any)), { message: message(2000) })).reports.at(-1), /^K/, any)
})

t.test('a host without 8BITMIME gets an 8-bit message as quoted-printable, and a 7-bit one as it is', async (t) => {
  const { lines, body } = await commands(t, offering('250 host'), { message: 'Subject: t\n\ncaf\xe9\n.\n' })
  t.equal(lines[1], 'MAIL FROM:<s@x.example>')
  const head = 'Subject: t\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n'
  t.equal(body, `${head}Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9\r\n..`)
  t.equal((await commands(t, offering('250 host'))).body, 'Subject: test\r\n\r\nhello')
  t.match((await commands(t, offering('500 what?'), { message: 'Subject: t\n\ncaf\xe9\n' })).body, 'caf=E9', 'after HELO, too')
})

t.test('what is signed is not changed: it fails for a host that does not take it, and goes as it is to others', async (t) => {
  const message = 'Content-Type: multipart/signed; boundary=b\n\n--b\n\ncaf\xe9\n--b--\n'
  const { lines, reports } = await commands(t, offering('250 host'), { message })
  t.same(lines.slice(1, 2), ['QUIT'])
  t.match(reports, [/^D127\.0\.0\.1 does not take 8-bit messages, and this one is signed .*\(#5\.6\.3\)\n$/])
  t.match((await commands(t, offering(all), { message })).body, 'caf\xe9')
})

t.test('with just8 1, or for a domain in just8hosts, an 8-bit message goes as it is', async (t) => {
  const message = 'Subject: t\n\ncaf\xe9\n'
  setting('just8hosts', 'H.Example\n')
  t.match((await commands(t, offering('250 host'), { message })).body, 'caf\xe9')
  rmSync('control/just8hosts')
  setting('just8', '1\n')
  t.match((await commands(t, offering('250 host'), { message })).body, 'caf\xe9')
  setting('just8', '0\n')
  t.match((await commands(t, offering('250 host'), { message })).body, 'caf=E9')
})

t.test('a large 8-bit message is changed in pieces', async (t) => {
  const line = `${'.\xe4 '.repeat(20)}\n`
  const { body, reports } = await commands(t, offering('250 host'), { message: `Subject: t\n\n${line.repeat(20_000)}` })
  t.match(reports.at(-1), /^K/)
  t.equal(body.match(/=E4/g)?.length, 400_000)
  t.notMatch(body, /[\x80-\xff]/)
})

t.test('the original recipient goes on to a host that offers DSN, and to no other', async (t) => {
  const facts = checkedFacts('v1 R1.ORCPT=rfc822;Joe@old.example')
  const recipients = ['a@h.example', 'b@h.example']
  const { lines } = await commands(t, offering(all), { facts, recipients })
  t.same(lines.slice(2, 4), ['RCPT TO:<a@h.example>', 'RCPT TO:<b@h.example> ORCPT=rfc822;Joe@old.example'])
  t.same((await commands(t, offering('250 host'), { facts, recipients })).lines[3], 'RCPT TO:<b@h.example>')
})

t.test('what a sender wants to hear goes on to a host that offers DSN; of another the report says that it will not tell', async (t) => {
  const facts = checkedFacts('v1 RET=HDRS ENVID=7 R0.NOTIFY=SUCCESS R1.NOTIFY=NEVER')
  const recipients = ['a@h.example', 'b@h.example']
  const told = await commands(t, offering(all), { facts, recipients })
  t.match(told.lines[1], / RET=HDRS ENVID=7$/)
  t.same(told.lines.slice(2, 4), ['RCPT TO:<a@h.example> NOTIFY=SUCCESS', 'RCPT TO:<b@h.example> NOTIFY=NEVER'])
  t.notMatch(told.reports.at(-1), 'takes no requests')
  const untold = await commands(t, offering('250 host'), { facts, recipients })
  t.notMatch(untold.lines.join(), /RET|NOTIFY/)
  t.match(untold.reports.at(-1), /^K(?:.|\n)*\nIt takes no requests for reports\.\n$/)
})

t.test('what the host says with enhanced codes is passed on whole', async (t) => {
  const refuses = offering(all, (line) => (line.startsWith('RCPT') ? '550-5.1.1 there is\r\n550 5.1.1 nobody' : undefined))
  const { reports } = await commands(t, refuses)
  t.equal(reports[0], 'h127.0.0.1 does not like recipient.\nRemote host said: 550-5.1.1 there is\n550 5.1.1 nobody\n')
})

t.test('without control/esmtp nothing is said but HELO, MAIL and RCPT', async (t) => {
  for (const name of ['esmtp', 'just8']) rmSync(`control/${name}`)
  const { lines, body } = await commands(t, manners(), { message: 'Subject: t\n\ncaf\xe9\n' })
  t.same(lines.slice(0, 3), ['HELO test.example', 'MAIL FROM:<s@x.example>', 'RCPT TO:<r@h.example>'])
  t.match(body, 'caf\xe9')
})
