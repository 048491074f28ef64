/** SMTPUTF8 (RFC 6531): who is told of it, what goes without, and what is refused in words. */
import { writeFileSync } from 'node:fs'
import { checkedFacts, noFacts } from '@yabumi/facts'
import t, { type Test } from 'tap'
import { manners } from '../../../../test/support/host.ts'
import { attempt, makeHome } from './support/attempt.ts'

makeHome(t)
writeFileSync('control/esmtp', '1\n')
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const utf8 = checkedFacts('v1 SMTPUTF8=1')

/** The reports, and the commands up to DATA, of a host that offers these. */
async function said(t: Test, keywords: readonly string[], mail: Parameters<typeof attempt>[2]) {
  const answer = ['host.example', ...keywords].map((word, index, all) => `250${index < all.length - 1 ? '-' : ' '}${word}`).join('\r\n')
  const host = manners((line) => (line.startsWith('EHLO') ? answer : undefined))
  const { reports, wires } = await attempt(t, host, mail)
  return {
    reports,
    lines: (wires[0] ?? '')
      .split(/DATA\r\n|QUIT\r\n/)[0]
      ?.split('\r\n')
      .slice(1, -1),
  }
}

const able = ['8BITMIME', 'SMTPUTF8']

t.test('a host that has offered SMTPUTF8 is told of it where the message came with it, or an address needs it', async (t) => {
  const message = bytes('Subject: grüße\n\nx\n')
  t.same((await said(t, able, { facts: utf8, message })).lines, ['MAIL FROM:<s@x.example> BODY=8BITMIME SMTPUTF8', 'RCPT TO:<r@h.example>'])
  const local = await said(t, able, { recipients: [bytes('jörg@h.example')] })
  t.same(local.lines, ['MAIL FROM:<s@x.example> SMTPUTF8', bytes('RCPT TO:<jörg@h.example>')])
  t.match(local.reports, [/^r$/, /^K/])
  const sender = await said(t, able, { sender: bytes('jörg@bücher.example') })
  t.same(sender.lines?.[0], bytes('MAIL FROM:<jörg@xn--bcher-kva.example> SMTPUTF8'))
  t.same((await said(t, able, {})).lines?.[0], 'MAIL FROM:<s@x.example>')
})

t.test('without the offer goes what needs none of it, and a domain in its A-labels', async (t) => {
  const { lines, reports } = await said(t, ['8BITMIME'], { sender: bytes('s@bücher.example'), facts: utf8 })
  t.same(lines, ['MAIL FROM:<s@xn--bcher-kva.example>', 'RCPT TO:<r@h.example>'])
  t.match(reports, [/^r$/, /^K/])
})

t.test('without the offer a sender, a recipient or a header with other letters is refused for good, in words', async (t) => {
  const whole = [/^D127\.0\.0\.1 does not take addresses and headers with other letters than those of ASCII .*\(#5\.6\.7\)\n$/]
  t.match((await said(t, ['8BITMIME'], { sender: bytes('jörg@x.example') })).reports, whole)
  t.match((await said(t, ['8BITMIME'], { facts: utf8, message: bytes('Subject: grüße\n\nx\n') })).reports, whole)
  t.match(
    (await said(t, ['8BITMIME'], { facts: utf8, message: bytes('Subject: x\n\ngrüße\n') })).reports,
    [/^r$/, /^K/],
    'a body needs none',
  )
  const { lines, reports } = await said(t, [], { recipients: [bytes('jörg@h.example'), 'r@h.example'] })
  t.same(lines, ['MAIL FROM:<s@x.example>', 'RCPT TO:<r@h.example>'], 'others get it')
  t.match(reports, [/^h127\.0\.0\.1 does not take addresses with other letters .*\(#5\.6\.7\)\n$/, /^r$/, /^K/])
})

t.test('in an old home addresses go as they are', async (t) => {
  writeFileSync('control/esmtp', '0\n')
  t.teardown(() => writeFileSync('control/esmtp', '1\n'))
  const { wires } = await attempt(t, manners(), { recipients: [bytes('jörg@h.example')], facts: noFacts })
  t.match(wires[0], bytes('RCPT TO:<"jörg"@h.example>'))
})
