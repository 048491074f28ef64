import { DataEncoder } from '@yabumi/smtp'
import fc from 'fast-check'
import t from 'tap'

function encode(pieces: readonly string[]): string | undefined {
  const encoder = new DataEncoder()
  const wire = pieces.map((piece) => encoder.encode(Buffer.from(piece, 'latin1')).toString('latin1')).join('')
  const end = encoder.end()
  return end === undefined ? undefined : wire + end.toString('latin1')
}

/** The rule of spec §2.8.5 in its plainest form. */
function naive(message: string): string | undefined {
  if (message !== '' && !/[\r\n]$/.test(message)) return undefined
  const lines = message.replace(/\r\r(?=[\r\n])/g, '\n\x01').split(/\r\n|\r|\n/)
  lines.pop()
  return `${lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`.replaceAll('\x01', '\r')
}

t.test('DataEncoder ends lines with CRLF and doubles leading dots', (t) => {
  t.equal(encode(['a\n.\n..b\nc.d\n']), 'a\r\n..\r\n...b\r\nc.d\r\n.\r\n')
  t.equal(encode([]), '.\r\n')
  t.equal(encode(['']), '.\r\n')
  t.end()
})

t.test('DataEncoder keeps one CRLF for a CRLF and makes one of a bare CR', (t) => {
  t.equal(encode(['a\r\nb\rc\n']), 'a\r\nb\r\nc\r\n.\r\n')
  t.equal(encode(['a\r\rb\n']), 'a\r\n\r\nb\r\n.\r\n')
  t.equal(encode(['a\r\r']), 'a\r\n\r\n.\r\n')
  t.equal(encode(['a\r\r\nb\n']), 'a\r\n\r\r\nb\r\n.\r\n', 'as the reference: the second of two stays')
  t.end()
})

t.test('DataEncoder doubles the dot behind a line end that was a bare CR', (t) => {
  t.equal(encode(['a\r.\rb\n']), 'a\r\n..\r\nb\r\n.\r\n')
  t.equal(encode(['a\r', '.\r', '\n']), 'a\r\n..\r\n.\r\n')
  t.end()
})

t.test('DataEncoder refuses to end a message with a partial last line, but not one ending in CR', (t) => {
  t.equal(encode(['a\nb']), undefined)
  t.equal(encode(['a\r']), 'a\r\n.\r\n')
  t.end()
})

t.test('DataEncoder writes the same wire bytes as the plain rule, whatever the message and its pieces', (t) => {
  const piece = fc
    .array(fc.constantFrom('a', '.', '\r', '\n', '\r\n', '\r\n.', '\n.\n', 'long text'), { maxLength: 12 })
    .map((parts) => parts.join(''))
  const check = () =>
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => encode(pieces) === naive(pieces.join(''))),
      { seed: 821, numRuns: 2000 },
    )
  t.doesNotThrow(check)
  t.end()
})

t.test('DataEncoder never lets a message end the data early', (t) => {
  const text = fc.array(fc.constantFrom('a', '.', '\r', '\n'), { maxLength: 30 }).map((parts) => parts.join(''))
  const check = () =>
    fc.assert(
      fc.property(text, (message) => {
        const wire = encode([`${message}\n`]) ?? ''
        const lines = wire.split(/\r\n|\r|\n/) // even for a host that takes a bare CR or LF for a line end
        return lines.indexOf('.') === lines.length - 2
      }),
      { seed: 2821, numRuns: 2000 },
    )
  t.doesNotThrow(check)
  t.end()
})

t.test('DataEncoder leaves dots as they are where asked to, and changes nothing else', async (t) => {
  for (const text of ['', '.\n', 'a\n..b\r\n.', 'x\r.\r\r\n', '\r\r']) {
    const plain = new DataEncoder('as they are')
    const doubled = new DataEncoder()
    const wire = plain.encode(Buffer.from(text)).toString() + (plain.end()?.toString() ?? ' partial')
    const sent =
      doubled.encode(Buffer.from(text)).toString() +
      (doubled
        .end()
        ?.toString()
        .replace(/\.\r\n$/, '') ?? ' partial')
    t.equal(wire, sent.replace(/(^|\r\n)\./g, '$1'), JSON.stringify(text))
  }
})
