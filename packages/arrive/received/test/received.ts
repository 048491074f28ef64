import t from 'tap'
import { receivedField } from '../src/received.ts'

const hop = { remoteHost: 'unknown', remoteAddress: '192.0.2.1', remoteInfo: undefined, helo: undefined, localHost: 'test.example' }
const seconds = Date.UTC(1999, 5, 23, 3, 2, 22) / 1000
const end = '\n  by test.example with SMTP; 23 Jun 1999 03:02:22 -0000\n'

t.test("Received lines as in the seed document's example: the PTR name, HELO with the brackets of today's qmail", (t) => {
  const field = receivedField(
    'SMTP',
    {
      ...hop,
      remoteHost: 'skyblue.sci.hokudai.ac.jp',
      remoteAddress: '133.50.133.146',
      helo: '[133.50.133.146]',
      localHost: 'blue.sci.hokudai.ac.jp',
    },
    seconds,
  )
  t.equal(
    field,
    'Received: from skyblue.sci.hokudai.ac.jp (HELO [133.50.133.146]) (133.50.133.146)\n' +
      '  by blue.sci.hokudai.ac.jp with SMTP; 23 Jun 1999 03:02:22 -0000\n',
  )
  t.end()
})

t.test('Received lines: HELO ?133.50.133.146?-style cleaning of every byte that could be structure', (t) => {
  t.equal(
    receivedField('SMTP', { ...hop, helo: '(133.50.133.146)' }, seconds),
    `Received: from unknown (HELO ?133.50.133.146?) (192.0.2.1)${end}`,
  )
  t.equal(
    receivedField('SMTP', { ...hop, helo: 'a b\t\r"<;>\xe9_' }, seconds),
    `Received: from unknown (HELO a?b????????) (192.0.2.1)${end}`,
  )
  t.equal(
    receivedField('SMTP', { ...hop, helo: 'A.z0@%+/=:-[]' }, seconds),
    `Received: from unknown (HELO A.z0@%+/=:-[]) (192.0.2.1)${end}`,
  )
  t.end()
})

t.test('receivedField leaves HELO out if it was not given or says what PTR says', (t) => {
  const named = { ...hop, remoteHost: 'mail.example' }
  t.equal(receivedField('SMTP', named, seconds), `Received: from mail.example (192.0.2.1)${end}`)
  t.equal(receivedField('SMTP', { ...named, helo: 'Mail.EXAMPLE' }, seconds), `Received: from mail.example (192.0.2.1)${end}`)
  t.equal(receivedField('SMTP', { ...named, helo: '' }, seconds), `Received: from mail.example (HELO ) (192.0.2.1)${end}`)
  t.end()
})

t.test('receivedField shows what an ident server said', (t) => {
  t.equal(receivedField('SMTP', { ...hop, remoteInfo: 'me too' }, seconds), `Received: from unknown (me?too@192.0.2.1)${end}`)
  t.end()
})
