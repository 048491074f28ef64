import { milterFields, milterHeaderBytes, milterPacketBytes, milterReplies, replyTextBytes } from '@yabumi/limits'
import t from 'tap'
import type { Judgement, Store } from '../src/index.ts'
import { draftOf, judgeByMilters, MilterTrouble, piecesOf } from '../src/judge.ts'
import { encodePacket, PacketReader, strings } from '../src/packets.ts'
import { type Answers, agree, type Filter, go, startFilter } from './scratch/filter.ts'

const origin = {
  hostName: 'mx.test.example',
  remoteHost: 'mail.example',
  remoteAddress: '192.0.2.7',
  helo: 'helo.example',
  tls: undefined,
  login: undefined,
  id: '1',
}
const message = 'Subject:  two\n lines\nFrom: a@x.example\nnot a field\nSUBJECT: again\n\nbody\n.dot\n'
const draft = (text = message): ReturnType<typeof draftOf> =>
  draftOf('a@x.example', ['r@test.example'], () => [Buffer.from(text, 'latin1')])
const newStore = (): Store => {
  const all: Buffer[] = []
  return { write: (bytes) => void all.push(bytes), pieces: () => all, drop: () => all.splice(0) }
}
const told: string[] = []

async function judge(filters: readonly Filter[], text = message): Promise<Judgement> {
  const milters = filters.map(({ milter }) => milter)
  return await judgeByMilters(milters, origin, draft(text), { newStore, log: (line) => told.push(line) })
}

function textOf(judgement: Judgement): string {
  return judgement.kind === 'accept' ? Buffer.concat([...piecesOf(judgement.draft)]).toString('latin1') : judgement.kind
}

const index = (number: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}
const numbered = (letter: string, number: number, ...texts: string[]): Buffer =>
  encodePacket(letter, Buffer.concat([index(number), Buffer.from(strings(...texts), 'latin1')]))

t.test('a filter hears all steps in order, and the message goes on as it was', async (t) => {
  const filter = await startFilter(t, {})
  t.equal(textOf(await judge([filter])), message)
  await filter.left
  t.same(
    filter.heard.filter((line) => line[0] !== 'D').map((line) => line.replaceAll('\0', '|')),
    [
      'O |||\x06|||\xff|\x1f\xff\xff',
      'C mail.example|4||192.0.2.7|',
      'H helo.example|',
      'M <a@x.example>|',
      'R <r@test.example>|',
      'T ',
      'L Subject| two\n lines|',
      'L From|a@x.example|',
      'L SUBJECT|again|',
      'N ',
      'B body\r\n.dot\r\n',
      'E ',
      'Q ',
    ],
  )
  const macros = filter.heard.filter((line) => line[0] === 'D').map((line) => line.slice(2).replaceAll('\0', '|'))
  t.match(macros[0], 'Cj|mx.test.example|_|mail.example [192.0.2.7]|')
  t.match(macros.at(-1), 'Ei|1|')
})

t.test('steps that a filter does without are left out, and values keep their blank where it wants them to', async (t) => {
  const filter = await startFilter(t, { O: () => agree(0x1 | 0x2 | 0x4 | 0x8 | 0x200 | 0x40 | 0x10 | 0x80 | 0x100000), L: () => undefined })
  t.equal(textOf(await judge([filter])), message)
  await filter.left
  t.same(filter.heard.map((line) => line[0]).join(''), 'OLLLDEQ')
  t.match(filter.heard[1], 'L Subject\0  two\n lines\0')
})

t.test('all that a filter may change is changed, and the next one sees it', async (t) => {
  const first = await startFilter(t, {
    E: () =>
      Buffer.concat([
        encodePacket('p'),
        encodePacket('h', strings('X-Last', 'one\r\ntwo\n\nthree\n')),
        numbered('i', 0, 'X-First', 'top'),
        numbered('m', 2, 'subject', 'changed'),
        numbered('m', 1, 'From', ''),
        numbered('m', 1, 'X-None', ''),
        numbered('m', 1, 'X-New', 'new'),
        encodePacket('b', 'new body\r'),
        encodePacket('b', '\nlast\r\n'),
        encodePacket('+', strings('<more@test.example>')),
        encodePacket('+', strings('<more@test.example>')),
        encodePacket('-', strings('<r@test.example>')),
        encodePacket('e', strings('<other@x.example>')),
        encodePacket('q', strings('looks odd')),
        go,
      ]),
  })
  const second = await startFilter(t, {})
  const judgement = await judge([first, second])
  t.equal(
    textOf(judgement),
    'X-First: top\nSubject:  two\n lines\nnot a field\nSUBJECT: changed\nX-Last: one\n two\n three\nX-New: new\n\nnew body\nlast\n'.replace(
      'SUBJECT: changed',
      'subject: changed',
    ),
  )
  t.match(judgement, { draft: { sender: 'other@x.example', recipients: ['more@test.example'], quarantine: ['looks odd'] } })
  t.match(second.heard.join('\n'), 'L X-First\0top\0')
  t.match(second.heard.join('\n'), 'M <other@x.example>\0')
  t.match(second.heard.join('\n'), 'B new body\nB \r\nlast\r\n')
})

t.test('a filter accepts early, refuses, puts off, drops', async (t) => {
  t.equal(textOf(await judge([await startFilter(t, { H: () => encodePacket('a') })])), message)
  const cases: readonly (readonly [string, Buffer, unknown])[] = [
    ['R', encodePacket('r'), { kind: 'reply', reply: '550 a filter refuses that message (#5.7.1)', by: 'test' }],
    ['E', encodePacket('t'), { kind: 'reply', reply: '451 a filter puts that message off, try again later (#4.7.1)' }],
    ['L', encodePacket('d'), { kind: 'discard', by: 'test' }],
    ['E', encodePacket('y', '550-5.7.1 no\r\n550 5.7.1 ab\x07c\0'), { reply: '550 5.7.1 no 5.7.1 ab?c' }],
    ['E', encodePacket('y', `451 ${'x'.repeat(300)}\0`), { reply: `451 ${'x'.repeat(replyTextBytes)}` }],
    ['E', encodePacket('y', '250 ok\0'), { reply: '451 a filter puts that message off, try again later (#4.7.1)' }],
  ]
  for (const [letter, answer, expected] of cases)
    t.match(await judge([await startFilter(t, { [letter]: () => answer })]), expected as object)
})

const hostile: Readonly<Record<string, readonly [Answers, RegExp]>> = {
  'is silent at once': [{ O: () => undefined }, /silent for 1 seconds/],
  'is silent at the end': [{ E: () => undefined }, /silent for 1 seconds/],
  'names 4 GiB': [{ M: () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x63]) }, /a packet of 4294967295 bytes/],
  'says that a packet has no bytes': [{ M: () => Buffer.alloc(5) }, /a packet of 0 bytes/],
  'tears a packet': [{ E: () => encodePacket('h', 'X-Test\0no end') }, /torn/],
  'tears a number': [{ E: () => encodePacket('m', 'xy') }, /torn/],
  'changes something before the end': [{ M: () => encodePacket('h', strings('a', 'b')) }, /out of turn/],
  'answers twice': [{ C: () => Buffer.concat([go, go]) }, /out of turn/],
  'speaks version 7': [{ O: () => agree(0, 0, 7) }, /version 7/],
  'wants what was not offered': [{ O: () => agree(0, 0x100) }, /not offered/],
  'does not negotiate': [{ O: () => go }, /does not negotiate/],
  'adds a field that ends the header': [{ E: () => encodePacket('h', strings('a b', 'c')) }, /without a name/],
  'adds an address of two lines': [{ E: () => encodePacket('+', strings('a@b\nTO')) }, /address that is none/],
  'has no end of progress': [{ E: () => Buffer.concat(Array(milterReplies + 1).fill(encodePacket('p'))) }, /more than 10000 replies/],
  'has too long a header': [
    { E: () => Buffer.concat([...Array(3).fill(encodePacket('h', strings('a', 'x'.repeat(400_000)))), go]) },
    /too long a header/,
  ],
}

for (const [what, [answers, trouble]] of Object.entries(hostile)) {
  t.test(`a filter that ${what} is in trouble, and the default holds`, async (t) => {
    for (const [option, expected] of [
      ['tempfail', /^451 /],
      ['reject', /^550 /],
    ] as const) {
      told.length = 0
      const filter = await startFilter(t, answers, `timeout=1/1/1 default=${option}`)
      const judgement = await judge([filter])
      t.match(judgement.kind === 'reply' ? judgement.reply : '', expected)
      t.match(told, [trouble])
    }
    const filter = await startFilter(t, answers, 'timeout=1/1/1 default=accept')
    t.equal(textOf(await judge([filter, await startFilter(t, {})])), message, 'nothing of what it had changed stays')
  })
}

t.test('a filter that is not there is in trouble', async (t) => {
  told.length = 0
  const judged = await judge([
    { milter: { ...(await startFilter(t, {})).milter, address: { path: '/nowhere/socket' } }, heard: [], left: Promise.resolve() },
  ])
  t.match(judged, { reply: /^451 a filter is not there now/ })
  t.match(told, [/^filter test: .*ENOENT/])
})

t.test('the longest packet is taken, and one byte more is not', async (t) => {
  const reader = new PacketReader()
  reader.push(encodePacket('b', Buffer.alloc(milterPacketBytes - 1)))
  t.equal(reader.next()?.data.length, milterPacketBytes - 1)
  reader.push(encodePacket('b', Buffer.alloc(milterPacketBytes)))
  t.throws(() => reader.next(), MilterTrouble)
})

t.test('so long a header, and so many fields, are shown to filters', async (t) => {
  const field = (bytes: number): string => `a:${'x'.repeat(bytes - 2)}`
  t.equal(draft(`${field(milterHeaderBytes)}\n\n`).fields.length, 1)
  t.throws(() => draft(`${field(milterHeaderBytes + 1)}\n\n`), MilterTrouble)
  t.equal(draft(`${'a:\n'.repeat(milterFields)}\n`).fields.length, milterFields)
  t.throws(() => draft(`${'a:\n'.repeat(milterFields + 1)}\n`), MilterTrouble)
})

t.test('a message is cut at the end of its header, wherever its pieces are', async (t) => {
  for (const text of [message, '\nbody\n', 'a: b\n', 'a: b\n\n', '']) {
    for (let at = 0; at <= text.length; at += 1) {
      const cut = draftOf('', [], () => [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at))])
      const whole = Buffer.concat([...piecesOf(cut)]).toString('latin1')
      t.equal(whole, text.includes('\n\n') || text[0] === '\n' ? text : `${text}\n`, `${JSON.stringify(text)} at ${at}`)
    }
  }
})
