import { DataDecoder, type DataState } from '@yabumi/smtp'
import fc from 'fast-check'
import t from 'tap'

interface Decoded {
  readonly state: DataState
  readonly text: string
  readonly rest: string
  readonly hops: number
}

function decode(pieces: readonly string[]): Decoded {
  const decoder = new DataDecoder()
  let text = ''
  let rest = ''
  for (const piece of pieces) {
    if (decoder.state === 'open') {
      text += decoder.decode(Buffer.from(piece, 'latin1')).toString('latin1')
      rest = decoder.rest.toString('latin1')
    } else rest += piece
  }
  return { state: decoder.state, text, rest, hops: decoder.hops }
}

/** The rule of spec §5.1 in its plainest form; undefined where the data has not ended. */
function naive(wire: string): Decoded | 'bare-lf' | 'open' {
  const stray = wire.search(/(?<!\r)\n/)
  const end = `\r\n${wire}`.indexOf('\r\n.\r\n')
  if (stray >= 0 && (end < 0 || stray < end + 3)) return 'bare-lf'
  if (end < 0) return 'open'
  const lines = wire.slice(0, end).split('\r\n')
  lines.pop()
  const empty = lines.indexOf('')
  const header = empty < 0 ? lines : lines.slice(0, empty)
  return {
    state: 'ended',
    text: lines.map((line) => `${line.startsWith('.') && line[1] !== '\r' ? line.slice(1) : line}\n`).join(''),
    rest: wire.slice(end + 3),
    hops: header.filter((line) => /^(received|delivered)/i.test(line)).length,
  }
}

t.test('DataDecoder turns CRLF into LF, drops leading dots and stops at the dot', (t) => {
  const found = decode(['A: b\r\n\r\n..\r\n..x\r\n.x\r\n .\r\n...\r\n.\r\nQUIT\r\n'])
  t.same(found, { state: 'ended', text: 'A: b\n\n.\n.x\nx\n .\n..\n', rest: 'QUIT\r\n', hops: 0 })
  t.same(decode(['.\r\n']), { state: 'ended', text: '', rest: '', hops: 0 })
  t.end()
})

t.test('DataDecoder keeps a CR that no LF follows', (t) => {
  t.equal(decode(['a\rb\r\rc\r\r\n\rd\r\n.\r\n']).text, 'a\rb\r\rc\r\n\rd\n')
  t.equal(decode(['.\r\r\n.\rx\r\n.\r\n']).text, '.\r\n.\rx\n')
  t.end()
})

t.test('DataDecoder takes CRLF.CRLF alone for the end of data: SMTP smuggling', (t) => {
  const lineEnds = ['\n', '\r', '\r\n', '\r\r\n', '\n\r', '\0\n', '\r\0\n', '\x85', '\n\n']
  for (const before of lineEnds) {
    for (const after of lineEnds) {
      for (const dots of ['.', '. ', '..', '.\0']) {
        if (before.endsWith('\r\n') && dots === '.' && after.startsWith('\r\n')) continue
        const { state } = decode([`body${before}${dots}${after}MAIL FROM:<smuggled>`])
        t.not(state, 'ended', JSON.stringify([before, dots, after]))
      }
    }
  }
  t.end()
})

t.test('DataDecoder counts hops in the header only, by the first bytes of a line', (t) => {
  t.equal(
    decode([
      'Received: a\r\nRECEIVEDx\r\nreceive: no\r\nDelivered-To: b\r\nDeliver: no\r\n Received\r\n.Received\r\n\r\nReceived: c\r\n.\r\n',
    ]).hops,
    3,
  )
  t.end()
})

const token = fc.constantFrom(
  'a',
  '.',
  '\r',
  '\n',
  '\r\n',
  '\r\n',
  '\r\n.',
  '.\r\n',
  '\0',
  'Received: x',
  'delivered',
  'é long line of text',
)
const wires = fc.array(token, { maxLength: 25 }).map((parts) => parts.join(''))

t.test('DataDecoder says what the plain rule says', (t) => {
  const check = () =>
    fc.assert(
      fc.property(wires, (wire) => {
        const wanted = naive(wire)
        const found = decode([wire])
        return typeof wanted === 'string' ? found.state === wanted : JSON.stringify(found) === JSON.stringify(wanted)
      }),
      { seed: 51, numRuns: 20_000 },
    )
  t.doesNotThrow(check)
  t.end()
})

t.test('DataDecoder says the same however the wire is cut', (t) => {
  const check = () =>
    fc.assert(
      fc.property(wires, fc.array(fc.nat(120), { maxLength: 8 }), (wire, cuts) => {
        const places = [...new Set([0, ...cuts.filter((cut) => cut < wire.length), wire.length])].sort((a, b) => a - b)
        const pieces = places.slice(1).map((place, index) => wire.slice(places[index], place))
        const whole = decode([wire])
        const cut = decode(pieces)
        if (whole.state === 'bare-lf') return cut.state === 'bare-lf'
        if (whole.state === 'open') return cut.state === 'open' && cut.text === whole.text
        return JSON.stringify(cut) === JSON.stringify(whole)
      }),
      { seed: 52, numRuns: 20_000 },
    )
  t.doesNotThrow(check)
  t.end()
})

t.test('DataDecoder gives out every byte of a long line at once and keeps none', (t) => {
  const decoder = new DataDecoder()
  for (let chunk = 0; chunk < 100; chunk += 1) t.equal(decoder.decode(Buffer.alloc(65_536, 'y')).length, 65_536)
  t.end()
})
