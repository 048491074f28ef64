import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { messagePieces } from '../src/message.ts'

function mbox(...pieces: string[]): string {
  return Buffer.concat([
    ...messagePieces(
      pieces.map((piece) => Buffer.from(piece, 'latin1')),
      1_000_000_001,
    ),
  ]).toString('latin1')
}

const date = 'Sun Sep 09 01:46:41 2001'

t.test('the sender is that of a Return-Path at the top', async (t) => {
  const senderOf = (message: string) => /^From (.*) Sun Sep 09 01:46:41 2001\n/.exec(mbox(message))?.[1]
  t.equal(senderOf('Return-Path: <s@x.example>\nA: b\n'), 's@x.example')
  t.equal(senderOf('Return-Path: <>\n'), 'MAILER-DAEMON')
  t.equal(senderOf('Return-Path: <a b\tc@x>\n'), 'a-b-c@x')
  t.equal(senderOf('A: b\nReturn-Path: <s@x>\n'), 'XXX')
  t.equal(senderOf('return-path: <s@x>\n'), 'XXX')
  t.equal(senderOf(''), 'XXX')
})

t.test('the message keeps its last line, whether that has an end or not', async (t) => {
  t.equal(mbox('A: b\n\nc'), `From XXX ${date}\nA: b\n\nc\n\n`)
  t.equal(mbox('A: b\n\nc\n'), `From XXX ${date}\nA: b\n\nc\n\n`)
  t.equal(mbox('A: b\n\nFrom'), `From XXX ${date}\nA: b\n\nFrom\n\n`)
})

t.test('any message comes back whole, and has one separator', async (t) => {
  const lines = fc.array(fc.constantFrom('From ', '>From x', '>>', 'Fro', 'm y', '\n', '\n', 'A: b', '\0\xff'), { maxLength: 30 })
  fc.assert(
    fc.property(lines, (pieces) => {
      const [first, ...rest] = mbox(...pieces).split('\n')
      const message = pieces.join('')
      t.equal(first?.slice(0, 5), 'From ')
      if (rest.some((line) => line.startsWith('From '))) return false
      const back = rest.map((line) => line.replace(/^>(>*From )/, '$1')).join('\n')
      return back === `${message}${message === '' || message.endsWith('\n') ? '' : '\n'}\n`
    }),
    { seed: 4, numRuns: 500 },
  )
})
