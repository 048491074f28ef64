/** Commands as they arrive, whole and byte by byte. */
import { imapLineBytes, imapLiteralBytes, imapLoginLiteralBytes, imapNesting } from '@yabumi/limits'
import t from 'tap'
import { CommandReader, type ReaderEvent, type Token } from '../src/index.ts'

interface Options {
  readonly piece?: number
  readonly loggedIn?: boolean
  readonly utf8?: boolean
  readonly refuse?: boolean
}

/** What a client's bytes give; an announced message is streamed unless it is to be refused. */
function eventsOf(text: string, { piece = 1 << 16, loggedIn = true, utf8 = false, refuse = false }: Options = {}): ReaderEvent[] {
  const bytes = Buffer.from(text, 'latin1')
  const reader = new CommandReader(loggedIn)
  reader.utf8 = utf8
  const events: ReaderEvent[] = []
  for (let at = 0; at < bytes.length; at += piece) {
    reader.push(bytes.subarray(at, at + piece))
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      events.push(event)
      if (event.kind === 'message') refuse ? reader.refuse() : reader.stream()
    }
  }
  return events
}

const show = (token: Token): unknown =>
  token.type === 'list' ? token.items.map(show) : token.type === 'streamed' ? token.sizeBytes : token.text
const brief = (event: ReaderEvent): unknown[] => {
  if (event.kind === 'command' || event.kind === 'message' || event.kind === 'tooBig')
    return [event.kind, event.tag, event.name, event.args.map(show)]
  if (event.kind === 'bad') return [event.kind, event.tag, event.name]
  return event.kind === 'data' ? [event.kind, event.bytes.toString('latin1'), event.last] : [event.kind]
}
const briefly = (text: string, options?: Options): unknown[] => eventsOf(text, options).map(brief)

t.test('commands become words', async (t) => {
  for (const [line, ...wanted] of [
    ['a noop\r\n', ['command', 'a', 'NOOP', []]],
    ['a NOOP\n', ['command', 'a', 'NOOP', []]],
    ['a  uid   fetch 1:*  (FLAGS)  \r\n', ['command', 'a', 'UID FETCH', ['1:*', ['FLAGS']]]],
    ['a LOGIN "j\\"o\\\\e" {3+}\r\nx\r\n\r\nb NOOP\r\n', ['command', 'a', 'LOGIN', ['j"o\\e', 'x\r\n']], ['command', 'b', 'NOOP', []]],
    ['a LOGIN {1}\r\nj {0}\r\n\r\n', ['continue'], ['continue'], ['command', 'a', 'LOGIN', ['j', '']]],
    ['a X ((a) () b)c\r\n', ['command', 'a', 'X', [[['a'], [], 'b'], 'c']]],
    [
      'a FETCH 1 BODY[HEADER.FIELDS ("A" {1}\r\nB)]<0>\r\n',
      ['continue'],
      ['command', 'a', 'FETCH', ['1', 'BODY[HEADER.FIELDS', ['A', 'B'], ']<0>']],
    ],
    ['\r\n', ['bad', undefined, undefined]],
    ['+ NOOP\r\n', ['bad', undefined, undefined]],
    ['a\r\n', ['bad', 'a', undefined]],
    ['a \r\n', ['bad', 'a', undefined]],
    ['a UID\r\n', ['bad', 'a', undefined]],
    ['a SELECT "INBOX\r\nb NOOP\r\n', ['bad', 'a', 'SELECT'], ['command', 'b', 'NOOP', []]],
    ['a X (b\r\n', ['bad', 'a', 'X']],
    ['a X b)\r\n', ['bad', 'a', 'X']],
    ['a X "a\\b"\r\n', ['bad', 'a', 'X']],
    ['a X "\x80"\r\n', ['bad', 'a', 'X']],
    ['a X b{\r\n', ['bad', 'a', 'X']],
    ['a X {x}\r\n', ['bad', 'a', 'X']],
  ] as const) {
    t.same(briefly(line), wanted, line)
    t.same(briefly(line, { piece: 1 }), wanted, `${line}, byte by byte`)
  }
})

t.test('quotes hold UTF-8 once it is enabled, and no other bytes', async (t) => {
  t.same(briefly('a X "\xc3\xa9"\r\n', { utf8: true }), [['command', 'a', 'X', ['\xc3\xa9']]])
  t.same(briefly('a X "\xc3"\r\n', { utf8: true }), [['bad', 'a', 'X']])
})

t.test('what follows a wrong word is left out, with the literals that come unasked', async (t) => {
  t.same(briefly('a X ) {5+}\r\nb X\r\n more\r\nc NOOP\r\n', { piece: 1 }), [
    ['bad', 'a', 'X'],
    ['command', 'c', 'NOOP', []],
  ])
  t.same(
    briefly('a X ) {5}\r\nc NOOP\r\n'),
    [
      ['bad', 'a', 'X'],
      ['command', 'c', 'NOOP', []],
    ],
    'those that wait never come',
  )
})

t.test('messages of APPEND are announced and streamed', async (t) => {
  const text = 'a APPEND {1}\r\nb (\\Seen) {3}\r\nxyz {2+}\r\nuv {0}\r\n\r\nb NOOP\r\n'
  const wanted = [
    ['continue'],
    ['message', 'a', 'APPEND', ['b', ['\\Seen']]],
    ['data', 'xyz', true],
    ['message', 'a', 'APPEND', ['b', ['\\Seen'], 3]],
    ['data', 'uv', true],
    ['message', 'a', 'APPEND', ['b', ['\\Seen'], 3, 2]],
    ['data', '', true],
    ['command', 'a', 'APPEND', ['b', ['\\Seen'], 3, 2, 0]],
    ['command', 'b', 'NOOP', []],
  ]
  const events = eventsOf(text)
  t.same(
    briefly(text).map((one, at) => (events[at]?.kind === 'message' ? [...(one as unknown[]).slice(0, 3)] : one)),
    wanted.map((one) => (one[0] === 'message' ? one.slice(0, 3) : one)),
  )
  t.same(
    briefly(text, { piece: 1 })
      .filter((one) => (one as string[])[0] === 'data')
      .map((one) => (one as string[])[1])
      .join(''),
    'xyzuv',
  )
})

t.test('a refused message that comes unasked is left out, one that waits never comes', async (t) => {
  for (const piece of [1, 1 << 16]) {
    const unasked = briefly('a APPEND b {3+}\r\nxyz {4+}\r\nmore\r\nb NOOP\r\n', { piece, refuse: true })
    t.same(
      unasked.map((one) => (one as string[])[0]),
      ['message', 'command'],
    )
    t.same(unasked[1], ['command', 'b', 'NOOP', []])
    const waits = briefly('a APPEND b {3}\r\nb NOOP\r\n', { piece, refuse: true })
    t.same(waits[1], ['command', 'b', 'NOOP', []])
  }
})

t.test('limits: at the limit it is taken, and beyond it not', async (t) => {
  const line = (length: number): string => `a X ${'x'.repeat(length - 4)}\r\n`
  t.equal(eventsOf(line(imapLineBytes))[0]?.kind, 'command')
  t.same(briefly(`${line(imapLineBytes + 1)}b NOOP\r\n`)[1], ['command', 'b', 'NOOP', []])
  t.equal(eventsOf(line(imapLineBytes + 1))[0]?.kind, 'bad')
  const halves = (length: number): string => `a X ${'x'.repeat(length - 10)} {1+}\r\ny\r\n`
  t.equal(eventsOf(halves(imapLineBytes))[0]?.kind, 'command', 'lines of one command count together')
  t.equal(eventsOf(halves(imapLineBytes).replace('\ny', '\ny  '))[0]?.kind, 'bad')
  for (const [loggedIn, most] of [
    [true, imapLiteralBytes],
    [false, imapLoginLiteralBytes],
  ] as const) {
    const literals = (length: number, plus: string): string => `a X {1+}\r\nx {${length - 1}${plus}}\r\n`
    t.same(
      eventsOf(literals(most, ''), { loggedIn }).map(({ kind }) => kind),
      ['continue'],
    )
    t.same(
      eventsOf(literals(most + 1, ''), { loggedIn }).map(({ kind }) => kind),
      ['tooBig'],
    )
    t.same(
      eventsOf(`${literals(most + 1, '+')}b NOOP\r\n`, { loggedIn }).map(({ kind }) => kind),
      ['bye'],
    )
  }
  const nested = (depth: number): string => `a X ${'('.repeat(depth)}${')'.repeat(depth)}\r\n`
  t.equal(eventsOf(nested(imapNesting))[0]?.kind, 'command')
  t.equal(eventsOf(nested(imapNesting + 1))[0]?.kind, 'bad')
})

t.test('lines that are no commands, and bytes that are none', async (t) => {
  const reader = new CommandReader(true)
  reader.push(Buffer.from('a IDLE\r\nDONE\r\nrest'))
  t.equal(reader.next()?.kind, 'command')
  t.equal(reader.plainLine(), 'DONE')
  t.equal(reader.takeRest().toString(), 'rest')
  t.equal(reader.next(), undefined)
})
