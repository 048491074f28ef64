import { factsBytes, messageFactsBytes, recipientFactsBytes } from '@yabumi/limits'
import fc from 'fast-check'
import t from 'tap'
import {
  believedFacts,
  checkedFacts,
  factsText,
  InfoFacts,
  knownFacts,
  noFacts,
  originOf,
  withFact,
  withLogin,
  withRelay,
} from '../src/index.ts'

const orcpt = 'R1.ORCPT=rfc822;joe@example.org'
const text = `v1 BODY=8BITMIME AUTH=anna@example.org ${orcpt}`

t.test('checkedFacts reads what factsText writes, and the empty text has no facts', (t) => {
  const facts = checkedFacts(text)
  t.equal(facts.message.get('BODY'), '8BITMIME')
  t.equal(facts.recipients.get(1)?.get('ORCPT'), 'rfc822;joe@example.org')
  t.equal(factsText(facts), text)
  t.equal(factsText(checkedFacts('')), '')
  t.equal(factsText(withFact(facts, 'BODY', '7BIT')), text.replace('8BITMIME', '7BIT'))
  t.end()
})

t.test('checkedFacts refuses what it does not know, what is malformed, and what is said twice', (t) => {
  const bad = ['v2 BODY=7BIT', 'v1', 'v1 ', 'BODY=7BIT', 'v1 body=7BIT', 'v1 BODY', 'v1 BODY=', 'v1 BODY=BINARYMIME', 'v1 NOSUCH=1']
  const worse = [
    'v1  BODY=7BIT',
    'v1 BODY=7BIT BODY=7BIT',
    'v1 R0.BODY=7BIT',
    'v1 ORCPT=rfc822;a',
    'v1 R01.ORCPT=rfc822;a',
    'v1 constructor=1',
  ]
  for (const one of [
    ...bad,
    ...worse,
    'v1 R0.ORCPT=rfc822;a\0b',
    'v1 R0.ORCPT=rfc822;\xe4',
    'v1 R1234567.ORCPT=rfc822;a',
    'v1 ORIGIN=root',
  ])
    t.throws(() => checkedFacts(one), { name: 'Trouble' }, JSON.stringify(one))
  t.end()
})

t.test('checkedFacts takes facts up to each limit, and not a byte more', (t) => {
  const all = Array.from({ length: 1000 }, (_, place) => `R${place}.ORCPT=rfc822;${'a'.repeat(100)}`)
  let longest = 'v1'
  for (const word of all) if (longest.length + 1 + word.length <= factsBytes) longest += ` ${word}`
  t.doesNotThrow(() => checkedFacts(longest))
  t.throws(() => checkedFacts(`${longest} R9999.ORCPT=rfc822;${'a'.repeat(factsBytes - longest.length)}`), {
    message: 'facts are too long',
  })
  t.ok(messageFactsBytes > 512 + 4096 && recipientFactsBytes > 64 + 500 + 8, 'no fact of the table alone reaches the limits of one')
  t.end()
})

t.test('knownFacts passes over what it does not know, and what is another version', (t) => {
  t.equal(factsText(knownFacts(`v1 NEW=1 ${text.slice(3)} R1.NEW=1 torn`)), text)
  t.equal(knownFacts('v2 BODY=7BIT'), noFacts)
  t.equal(knownFacts(''), noFacts)
  t.end()
})

t.test('believedFacts believes AUTH from submission alone, RELAY from smtpd too, and the others from anybody', (t) => {
  const facts = checkedFacts(`${text} ORIGIN=network RELAY=example.org`)
  const names = (submits: boolean, isSmtpd: boolean): string =>
    [...believedFacts(facts, { submits, isSmtpd }).message.keys()].sort().join(' ')
  t.equal(names(false, false), 'BODY ORIGIN')
  t.equal(names(false, true), 'BODY ORIGIN RELAY')
  t.equal(names(true, false), 'AUTH BODY ORIGIN RELAY')
  t.end()
})

t.test('InfoFacts keeps facts by the places of recipients in channel files, and loses those of nobody', (t) => {
  const facts = checkedFacts(`v1 BODY=8BITMIME R0.ORCPT=rfc822;a R2.ORCPT=rfc822;c R9.ORCPT=rfc822;x`)
  const places = new Map([
    [0, { channel: 'remote', position: 0 } as const],
    [1, { channel: 'local', position: 0 } as const],
    [2, { channel: 'remote', position: 9 } as const],
  ])
  const info = InfoFacts.of(facts, places)
  t.equal(info.records, 'Av1 BODY=8BITMIME\0Aremote 0 v1 R0.ORCPT=rfc822;a\0Aremote 9 v1 R0.ORCPT=rfc822;c\0')
  const read = InfoFacts.read(`Xother\0${info.records}Aremote x\0A\0`)
  t.equal(read.records, info.records)
  t.equal(factsText(read.delivery({ channel: 'remote', position: 9 })), 'v1 BODY=8BITMIME R0.ORCPT=rfc822;c')
  t.equal(factsText(read.delivery({ channel: 'local', position: 0 })), 'v1 BODY=8BITMIME')
  t.equal(InfoFacts.read('').records, '')
  t.end()
})

t.test('originOf tells logins, users, relay networks, bounces and strangers apart', (t) => {
  const line = (who: string): string => `Received: (qmail 12 invoked ${who}); 1 Jan 2026 00:00:00 -0000\nX: y`
  const of = (who: string, text = ''): unknown => originOf(line(who), checkedFacts(text).message)
  t.same(of('by uid 1000'), { by: 'uid', uid: 1000 })
  t.same(of('by alias'), { by: 'alias' })
  t.same(of('for bounce'), { by: 'bounce' })
  t.same(of('from network'), { by: 'stranger' })
  t.same(of('from network', 'v1 AUTH=anna+40example.org ORIGIN=network'), { by: 'login', login: 'anna@example.org' })
  t.same(of('from network', 'v1 RELAY=Example.org,b.example ORIGIN=network'), { by: 'relay', domains: ['example.org', 'b.example'] })
  t.same(of('by uid 1000', 'v1 ORIGIN=network'), { by: 'stranger' }, 'smtpd in a home of one user')
  const login = 'a=+ b\0\xe4@example.org'
  const text = factsText(withLogin(noFacts, login))
  t.equal(text, 'v1 AUTH=a+3D+2B+20b+00+E4@example.org')
  t.same(of('from network', text), { by: 'login', login })
  const relay = withRelay(noFacts, ['a.example', '', 'b c', 'x\0', 'B.example', ...Array.from({ length: 20 }, () => 'c'.repeat(255))])
  t.same((of('from network', factsText(relay)) as { domains: string[] }).domains.slice(0, 3), ['a.example', 'b.example', 'c'.repeat(255)])
  t.equal(withRelay(noFacts, ['b c']), noFacts)
  t.same(originOf('', noFacts.message), { by: 'stranger' })
  t.same(originOf('Subject: (qmail 1 invoked by uid 0);', noFacts.message), { by: 'stranger' })
  t.end()
})

t.test('texts of any bytes are refused or come back as they were', (t) => {
  const word = fc.oneof(fc.constantFrom('BODY=7BIT', 'ORIGIN=network', orcpt, 'v1', ''), fc.string())
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = ['v1', ...words].join(' ')
        try {
          return factsText(checkedFacts(text)).length <= text.length
        } catch {
          return factsText(knownFacts(text)).length <= text.length
        }
      }),
    ),
  )
  t.end()
})
