import { messageIdLineBytes } from '@yabumi/limits'
import fc from 'fast-check'
import t from 'tap'
import { PassingHeader } from '../src/index.ts'

function passed(text: string, size: number): PassingHeader {
  const header = new PassingHeader()
  for (let start = 0; start < text.length; start += size) header.push(Buffer.from(text.slice(start, start + size)))
  return header
}

function count(text: string, size = text.length): number {
  return passed(text, size).hops
}

function idOf(text: string, size = text.length): string | undefined {
  return passed(text, size).messageId
}

t.test('a header’s lines count that begin with received or delivered, in any case', async (t) => {
  t.equal(count('Received: a\n\tb\nRECEIVED-SPF: x\ndelivered-To: y\nSubject: received\n Received: folded\n'), 3)
  t.equal(count('Received: a\n\nReceived: in the body\n'), 1)
  t.equal(count('\nReceived: a\n'), 0)
  t.equal(count('Received: a\r\n\r\nReceived: in the body\r\n'), 1)
  t.equal(count('Receive'), 0)
})

t.test('the first Message-ID of a header is seen, in any case, folded or not', async (t) => {
  t.equal(idOf('Mime-Version: 1.0\r\nMESSAGE-id: <1@x>\r\nMessage-ID: <2@x>\r\n\r\n'), '<1@x>')
  t.equal(idOf('Message-ID:\n\t<1@x> (folded)\nReceived: a\n'), '<1@x>')
  t.equal(count('Message-ID:\nReceived: a\n\n'), 1, 'a field without value is no fold')
  t.equal(idOf('Message-ID:\nX: <1@x>\n'), undefined)
  t.equal(idOf('Message-ID: none\n'), undefined)
  t.equal(idOf('Subject: x\n\nMessage-ID: <body@x>\n'), undefined)
  t.equal(idOf('X-Message-ID: <1@x>\nMessage-Idle: <2@x>\n'), undefined)
})

t.test(`of the line of a Message-ID ${messageIdLineBytes} bytes are seen`, async (t) => {
  const name = 'Message-ID: '
  const longest = `<${'x'.repeat(messageIdLineBytes - name.length - 2)}>`
  t.equal(idOf(`${name}${longest}\n`), longest)
  t.equal(idOf(`${name}<y${longest.slice(1)}\n`), `<y${longest.slice(1, -1)}`)
})

t.test('however a message is cut, its count and its Message-ID are the same', async () => {
  const words = fc.constantFrom(
    'Received: a\n',
    'Deliv',
    'ered-To: b\n',
    '\n',
    'Subject: c\n',
    ' ',
    'rEceived',
    'Message-Id:',
    '<1@x>',
    'm',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), fc.integer({ min: 1, max: 20 }), (parts, size) => {
      const text = parts.join('')
      const [cut, whole] = [passed(text, size), passed(text, Math.max(text.length, 1))]
      return cut.hops === whole.hops && cut.messageId === whole.messageId
    }),
    { numRuns: 2000, seed: 6 },
  )
})
