/** The arguments of commands, as RFC 9051 and its extensions have them. */
import { imapSearchKeys, imapSetRanges } from '@yabumi/limits'
import t from 'tap'
import {
  AppendReader,
  BadCommand,
  CommandReader,
  parseFetch,
  parseGetMetadata,
  parseId,
  parseList,
  parseNotify,
  parseSearch,
  parseSelect,
  parseSequenceSet,
  parseSetMetadata,
  parseSort,
  parseStore,
  parseThread,
  RefusedCommand,
  type Token,
} from '../src/index.ts'

function wordsOf(text: string): readonly Token[] {
  const reader = new CommandReader(true)
  reader.push(Buffer.from(`a X ${text}\r\n`, 'latin1'))
  for (;;) {
    const event = reader.next()
    if (event?.kind === 'command') return event.args
    if (event?.kind !== 'continue') throw new BadCommand(`not read: ${event?.kind}`)
  }
}

type Parser = (words: readonly Token[]) => unknown

function outcome(parse: Parser, text: string): string {
  try {
    parse(wordsOf(text))
    return 'OK'
  } catch (error) {
    if (error instanceof RefusedCommand) return `NO ${error.code}`
    if (error instanceof BadCommand) return 'BAD'
    throw error
  }
}

t.test('good and bad arguments', async (t) => {
  const table: readonly (readonly [Parser, string, ...(readonly string[])])[] = [
    [
      parseFetch,
      'OK',
      '1 ALL',
      '1 FAST (CHANGEDSINCE 5)',
      '1:* (UID FLAGS)',
      '$ UID',
      '1 BODY[]<0>',
      '1 BODY[]<0.4294967296>',
      '1 FLAGS ()',
    ],
    [parseFetch, 'OK', '1 BODY[1.2.MIME]', '1 BODY[HEADER.FIELDS (A)]', '1 (BODY.PEEK[1.HEADER.FIELDS.NOT (A B)]<1.2> UID)', '1 BINARY[]'],
    [
      parseFetch,
      'OK',
      '1 PREVIEW',
      '1 (PREVIEW (LAZY))',
      '1 (SNIPPET)',
      '1 (PREVIEW (LAZY=FUZZY))',
      '1 (EMAILID THREADID SAVEDATE)',
      '1 UID (CHANGEDSINCE 1 VANISHED)',
      '1 UID (PARTIAL -1:-5)',
    ],
    [
      parseFetch,
      'BAD',
      '1',
      '1 (ALL)',
      '1 ()',
      '1 FOO',
      '1 "UID"',
      '1 BODY[',
      '1 BODY[FOO]',
      '1 BODY[HEADER.FIELDS]',
      '1 BODY[HEADER.FIELDS ()]',
    ],
    [
      parseFetch,
      'BAD',
      '1 BODY[0]',
      '1 BODY[1.0]',
      '1 BODY[MIME]',
      '1 BODY[]<0.0>',
      '1 BODY[1.]',
      '1 BODY[1]2',
      '1 BODY[1.2',
      '1 BODY[HEADER.FIELDS (A)',
      '1 UID UID',
    ],
    [
      parseFetch,
      'BAD',
      'a UID',
      '1:a UID',
      '1,,2 UID',
      '1: UID',
      '-1 UID',
      '0 UID',
      '4294967296 UID',
      '1:2:3 UID',
      '1 FLAGS (FOO 1)',
      '1 FLAGS (CHANGEDSINCE x)',
    ],
    [
      parseStore,
      'OK',
      '1 FLAGS (\\Seen)',
      '1 +flags.silent \\seen kw',
      '1 -FLAGS ()',
      '1 (UNCHANGEDSINCE 9223372036854775807) FLAGS ()',
      '1 +FLAGS ($Junk)',
    ],
    [
      parseStore,
      'BAD',
      '1 FLAGS',
      '1 FOO (x)',
      '1 +FLAGS (\\Recent)',
      '1 +FLAGS (\\Foo)',
      '1 (FOO 1) FLAGS ()',
      '1 (UNCHANGEDSINCE) FLAGS ()',
    ],
    [parseStore, 'BAD', '1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()', '1 FLAGS ("x")', '1 FLAGS (x) y'],
    [parseStore, 'NO CANNOT', '1 +FLAGS (a\\b)', '1 +FLAGS a]', `1 +FLAGS ${'k'.repeat(256)}`],
    [
      parseSearch,
      'OK',
      'ALL',
      'RETURN () ALL',
      'RETURN (MIN MAX COUNT SAVE) UNSEEN',
      'CHARSET utf-8 SUBJECT x',
      '(SEEN)',
      'OR OR SEEN FLAGGED 1',
      'NOT NOT SEEN',
    ],
    [
      parseSearch,
      'OK',
      'MODSEQ 1',
      'MODSEQ "/flags/\\\\seen" all 1',
      'YOUNGER 60',
      'SENTON 7-Feb-1994',
      'ON "7-Feb-1994"',
      'LARGER 4294967296',
      'HEADER X-A ""',
    ],
    [
      parseSearch,
      'BAD',
      '',
      '()',
      'OR SEEN',
      'NOT',
      'FOO',
      'CHARSET',
      'CHARSET UTF-8',
      'SUBJECT',
      'SUBJECT (x)',
      'YOUNGER 0',
      'ON 32-Jan-2020',
      'ON 30-Feb-2020',
      'SUBJECT al pha',
    ],
    [
      parseSearch,
      'BAD',
      'CHARSET UTF-8 SUBJECT {2+}\r\n\xff\xfe',
      'RETURN (FOO) ALL',
      'RETURN (PARTIAL 0:1) ALL',
      'RETURN (ALL PARTIAL 1:2) ALL',
      'LARGER x',
      'MODSEQ x',
    ],
    [parseSearch, 'NO BADCHARSET (US-ASCII UTF-8)', 'CHARSET X-NONE SUBJECT x'],
    [parseSort, 'OK', '(REVERSE DATE SUBJECT) UTF-8 ALL', 'RETURN (COUNT) (DISPLAYFROM) US-ASCII SEEN'],
    [parseSort, 'BAD', '() UTF-8 ALL', '(FOO) UTF-8 ALL', '(DATE) UTF-8', '(DATE)', '(REVERSE) UTF-8 ALL', 'DATE UTF-8 ALL'],
    [parseThread, 'OK', 'REFERENCES UTF-8 ALL', 'orderedsubject us-ascii seen', 'REFS UTF-8 1:5'],
    [parseThread, 'BAD', 'FOO UTF-8 ALL', 'REFERENCES UTF-8', 'REFERENCES'],
    [
      parseList,
      'OK',
      '"" *',
      '(SUBSCRIBED) "" (a %)',
      '"" % RETURN (CHILDREN STATUS (MESSAGES UNSEEN))',
      '() "" %',
      '"" % RETURN ()',
      '"" "" RETURN (METADATA (/private/a))',
    ],
    [
      parseList,
      'BAD',
      '',
      '""',
      '(FOO) "" %',
      '(RECURSIVEMATCH) "" %',
      '"" % RETURN (FOO)',
      '"" ()',
      '"" % RETURN (STATUS (FOO))',
      '"" % x',
    ],
    [parseSelect, 'OK', 'a', 'a (CONDSTORE)', 'a (QRESYNC (1 2))', 'a (QRESYNC (1 2 1:5 (1,3 1,3)))', 'a (QRESYNC (1 2 (1 1)))'],
    [parseSelect, 'BAD', '', 'a ()', 'a CONDSTORE', 'a (FOO)', 'a (QRESYNC)', 'a (QRESYNC (1))', 'a (QRESYNC (1 2 *))', 'a x'],
    [
      parseGetMetadata,
      'OK',
      'a /private/x',
      'a (/private/x /shared/y)',
      '(DEPTH infinity) a /private',
      '(MAXSIZE 2) "" /shared/c',
      'a (DEPTH 1) (/private)',
    ],
    [parseGetMetadata, 'BAD', 'a', 'a ()', 'a /foo', '(DEPTH 2) a /private', 'a /private/x*', 'a /private//x', '(FOO 1) a /private'],
    [parseSetMetadata, 'OK', 'a (/private/x "v")', 'a (/private/x NIL /shared/y {1+}\r\n\0)'],
    [parseSetMetadata, 'BAD', 'a (/foo/x "v")', 'a ()', 'a (/private/x)', 'a /private/x "v"'],
    [
      parseNotify,
      'OK',
      'NONE',
      'SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MailboxName))',
      'SET STATUS (MAILBOXES (a b) (MessageNew MessageExpunge))',
    ],
    [parseNotify, 'OK', 'SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge))', 'SET (INBOXES NONE)', 'SET (SUBTREE a NONE)'],
    [parseNotify, 'BAD', '', 'SET', 'SET (FOO (MessageNew))', 'NONE x', 'SET (SELECTED (MessageNew))', 'SET (PERSONAL (FlagChange))'],
    [parseId, 'OK', 'NIL', '("name" "x" "version" NIL)', '()', '(name)'],
    [parseId, 'BAD', '', 'x', '(("a"))'],
  ]
  for (const [parse, wanted, ...texts] of table) for (const text of texts) t.equal(outcome(parse, text), wanted, `${parse.name} ${text}`)
})

t.test('FETCH: sections are named as they were asked for', async (t) => {
  const labels = parseFetch(wordsOf('1 (BODY[HEADER.FIELDS (Date "X Y")]<5.6> BODY.PEEK[1.2.mime] BINARY.SIZE[2])')).items
  t.same(
    labels.map((item) => ('label' in item ? item.label : '')),
    ['[HEADER.FIELDS (DATE "X Y")]<5>', '[1.2.MIME]', '[2]'],
  )
  t.match(labels[0], {
    item: 'body',
    peek: false,
    partial: { offset: 5, length: 6 },
    section: { part: [], text: 'HEADER.FIELDS', fields: ['DATE', 'X Y'] },
  })
})

t.test('FETCH: previews of RFC 8970 and of its drafts', async (t) => {
  for (const [text, item] of [
    ['1 PREVIEW (LAZY)', { name: 'PREVIEW', lazy: true, fuzzy: false }],
    ['1 (PREVIEW (LAZY=FUZZY))', { name: 'PREVIEW', lazy: true, fuzzy: true }],
    ['1 SNIPPET', { name: 'SNIPPET', lazy: false, fuzzy: true }],
  ] as const)
    t.match(parseFetch(wordsOf(text)).items, [item])
  t.equal(outcome(parseFetch, '1 PREVIEW (LAZYFUZZY)'), 'BAD')
})

t.test('SEARCH: old and new keys, and texts in their charset', async (t) => {
  t.same(parseSearch(wordsOf('CHARSET KOI8-R BODY {3+}\r\n\xd0\xd2\xc9')).key, { key: 'body', text: 'при' })
  t.same(parseSearch(wordsOf('UNSEEN 1:2')).key, {
    key: 'and',
    keys: [
      { key: 'not', of: { key: 'flag', name: '\\Seen' } },
      { key: 'numbers', set: { ranges: [[1, 2]] } },
    ],
  })
  t.same(parseSearch(wordsOf('SENTSINCE 1-Jan-1970')).key, { key: 'date', of: 'sent', how: 'since', day: 0 })
})

t.test('limits: at the limit it is taken, and beyond it not', async (t) => {
  t.equal(outcome(parseSearch, 'SEEN '.repeat(imapSearchKeys)), 'OK')
  t.equal(outcome(parseSearch, 'SEEN '.repeat(imapSearchKeys + 1)), 'BAD')
  t.equal(outcome(parseSearch, `${'NOT '.repeat(imapSearchKeys - 1)}SEEN`), 'OK')
  const ranges = (count: number): string => Array.from({ length: count }, (_, at) => 2 * at + 1).join(',')
  t.ok(parseSequenceSet(ranges(imapSetRanges)))
  t.throws(() => parseSequenceSet(ranges(imapSetRanges + 1)), BadCommand)
  t.ok(parseSequenceSet(Array.from({ length: imapSetRanges + 1 }, (_, at) => at + 1).join(',')), 'numbers side by side are one range')
})

t.test('APPEND: what each message is, before it comes', async (t) => {
  const reader = new CommandReader(true)
  const append = new AppendReader()
  reader.push(
    Buffer.from(
      'a APPEND box (\\seen kw) "01-Jan-1970 00:00:10 +0000" {1+}\r\nx {0+}\r\n CATENATE (TEXT {2+}\r\nab URL "/b;uid=1" TEXT {1+}\r\nc) UTF8 (~{1+}\r\nz)\r\n',
    ),
  )
  const told: unknown[] = []
  for (let event = reader.next(); event !== undefined; event = reader.next()) {
    if (event.kind === 'message') {
      const { flags, date, utf8, pieces } = append.announced(event.args)
      told.push([append.mailbox, flags.system.join(), flags.keywords.join(), date, utf8, pieces.length])
      reader.stream()
    }
    if (event.kind === 'command') {
      t.same(
        append.finish(event.args).map(({ pieces }) => pieces.map((one) => (one.piece === 'url' ? one.url : one.sizeBytes))),
        [[1], [0], [2, '/b;uid=1', 1], [1]],
      )
    }
  }
  t.same(told, [
    ['box', '\\Seen', 'kw', 10, false, 0],
    ['box', '', '', undefined, false, 0],
    ['box', '', '', undefined, false, 0],
    ['box', '', '', undefined, false, 2],
    ['box', '', '', undefined, true, 0],
  ])
  const finish = (words: readonly Token[]): unknown => new AppendReader().finish(words)
  for (const text of [
    '',
    'box',
    'box (\\Seen)',
    'box (\\Foo)',
    'box "not a date"',
    'box "quoted message"',
    'box CATENATE ()',
    'box CATENATE (URL)',
  ]) {
    t.equal(outcome(finish, text), 'BAD', text)
  }
  t.equal(outcome(finish, 'box CATENATE (URL "/a;uid=1")'), 'OK')
})
