/** Values as answers have them: strings, sets, dates, names of mailboxes. */
import t from 'tap'
import {
  BadCommand,
  decodeMailboxName,
  encodeMailboxName,
  isWithin,
  NumberSet,
  parseDateTime,
  parseMessageUrl,
  parsePartialRange,
  parseSequenceSet,
  readMailboxName,
  resolveSet,
  showMailboxName,
  takePartial,
  writeAstring,
  writeInternalDate,
  writeNstring,
  writeString,
} from '../src/index.ts'

t.test('strings are quoted where they can be', async (t) => {
  t.equal(writeString('a "b" \\'), '"a \\"b\\" \\\\"')
  t.equal(writeString('a "b" \\'), '"a \\"b\\" \\\\"', 'each time')
  t.equal(writeString('a\r\n'), '{3}\r\na\r\n')
  t.equal(writeString('\xe9'), '{1}\r\n\xe9')
  t.equal(writeString('a\0'), '{2}\r\na\x80')
  t.equal(writeString('x'.repeat(1_001)), `{1001}\r\n${'x'.repeat(1_001)}`)
  t.equal(writeNstring(undefined), 'NIL')
  t.same(['a', 'a b', '', 'nil', 'a&-b', 'a]b'].map(writeAstring), ['a', '"a b"', '""', '"nil"', 'a&-b', 'a]b'])
})

t.test('sets are sorted, merged and written short', async (t) => {
  t.equal(NumberSet.of([5, 1, 2, 3, 9, 2]).toString(), '1:3,5,9')
  t.equal(NumberSet.empty.toString(), '')
  let seed = 1
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let turn = 0; turn < 300; turn += 1) {
    const some = (): number[] => Array.from({ length: random(20) }, () => 1 + random(30))
    const [a, b] = [some(), some()]
    const [x, y] = [NumberSet.of(a), NumberSet.of(b)]
    const all = Array.from({ length: 32 }, (_, at) => at)
    const same = (set: NumberSet, test: (n: number) => boolean): void => {
      const wanted = all.filter(test)
      if (set.size !== wanted.length || String([...set]) !== String(wanted) || String(all.filter((n) => set.has(n))) !== String(wanted)) {
        t.fail(`${x} and ${y}: ${set} instead of ${wanted}`)
      }
    }
    same(x, (n) => a.includes(n))
    same(x.union(y), (n) => a.includes(n) || b.includes(n))
    same(x.intersection(y), (n) => a.includes(n) && b.includes(n))
    same(x.without(y), (n) => a.includes(n) && !b.includes(n))
  }
})

t.test('a client’s sets: stars, order, and an empty mailbox', async (t) => {
  const numbers = (text: string, last: number): string => resolveSet(parseSequenceSet(text), last, NumberSet.of([7])).toString()
  t.equal(numbers('5:2,*', 9), '2:5,9')
  t.equal(numbers('100:*', 9), '9:100')
  t.equal(numbers('*:*', 0), '')
  t.equal(numbers('$', 9), '7')
  for (const [text, exists, wanted] of [
    ['1:5', 5, true],
    ['1:6', 5, false],
    ['1:*', 0, false],
    ['*', 3, true],
    ['$', 0, true],
  ] as const) {
    t.equal(isWithin(parseSequenceSet(text), exists), wanted, text)
  }
})

t.test('places of a list', async (t) => {
  const list = [1, 2, 3, 4, 5]
  t.same(takePartial(list, parsePartialRange('2:3')), [2, 3])
  t.same(takePartial(list, parsePartialRange('-1:-2')), [4, 5])
  t.same(takePartial(list, parsePartialRange('-4:-9')), [1, 2])
  t.same(takePartial(list, parsePartialRange('6:9')), [])
  t.throws(() => parsePartialRange('1:-1'), BadCommand)
})

t.test('dates', async (t) => {
  t.equal(parseDateTime(' 1-Feb-2020 10:00:00 -0800'), Date.UTC(2020, 1, 1, 18) / 1000)
  t.equal(writeInternalDate(Date.UTC(2020, 1, 1, 18) / 1000), '"01-Feb-2020 18:00:00 +0000"')
  for (const text of ['32-Feb-2020 10:00:00 +0000', '01-Feb-2020 24:00:00 +0000', '01-Feb-2020 10:00:00', '1-Feb-2020 10:00:00 +0000']) {
    t.throws(() => parseDateTime(text), BadCommand, text)
  }
})

t.test('names of mailboxes have one spelling', async (t) => {
  for (const [name, text] of [
    ['&AOkA6Q-', 'éé'],
    ['&-&-', '&&'],
    ['&Jjo-!', '☺!'],
    ['&2D3eAA-', '\u{1f600}'],
    ['a&-b', 'a&b'],
    ['Hi &Jjo--!', 'Hi ☺-!'],
  ] as const) {
    t.equal(decodeMailboxName(name), text)
    t.equal(encodeMailboxName(text), name)
  }
  for (const name of ['&', '&AOk', '&AOk-&AOk-', '&AGE-', '&2D0-', '&ACY-', '&====-', '\xe9', 'a\tb', 'a\x7f', '&AOl-', '&A-']) {
    t.equal(decodeMailboxName(name), undefined, name)
    t.equal(readMailboxName(name, false), undefined, name)
  }
  t.equal(readMailboxName('caf\xc3\xa9 & co', true), 'caf&AOk- &- co')
  t.equal(readMailboxName('\xc3', true), undefined)
  t.equal(showMailboxName('caf&AOk-', true), 'caf\xc3\xa9')
  t.equal(showMailboxName('.broken&', true), '.broken&')
  t.equal(showMailboxName('caf&AOk-', false), 'caf&AOk-')
})

t.test('addresses of messages', async (t) => {
  t.match(parseMessageUrl('imap://user@example.com/INBOX/caf%C3%A9;UIDVALIDITY=27667/;UID=434/;SECTION=HEADER/;PARTIAL=10.250'), {
    mailbox: 'INBOX/caf&AOk-',
    uidValidity: 27_667,
    uid: 434,
    section: { part: [], text: 'HEADER' },
    partial: { offset: 10, length: 250 },
  })
  t.match(parseMessageUrl('/b/;uid=20/;section=1.2.HEADER.FIELDS%20(%22To%22%20From)'), {
    mailbox: 'b',
    uid: 20,
    section: { part: [1, 2], text: 'HEADER.FIELDS', fields: ['TO', 'FROM'] },
  })
  t.match(parseMessageUrl('/b/;UID=1'), { section: { part: [], text: '' } })
  for (const url of [
    'http://x/INBOX/;UID=1',
    '/INBOX',
    '/INBOX/;UID=0',
    '/INBOX/;UID=4294967296',
    '/IN%/;UID=1',
    '/a%00/;UID=1',
    '/a%ff/;UID=1',
    '/a;UIDVALIDITY=/;UID=1',
    '/a;FROP=1/;UID=1',
    '/a/;UID=1/;SECTION=',
    '/a/;UID=1/;SECTION=FOO',
    '/a/;UID=1/;SECTION=1]<0>',
    '/a/;UID=1/;SECTION=%7B1%7D',
    '/a/;UID=1/;PARTIAL=0.',
    '/a/;UID=1/;PARTIAL=1.0',
    '/a/;UID=1;URLAUTH=anonymous:internal:00',
    '/a/;UID=1?x',
  ])
    t.equal(parseMessageUrl(url), undefined, url)
})
