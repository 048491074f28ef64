/** What recordings do not show: answers, dates, subjects, and threads that somebody made to be slow. */
import t from 'tap'
import { parsePartialRange, type ReturnOptions } from '../../imapwire/src/index.ts'
import {
  asksForModseq,
  baseSubject,
  foldText,
  orderedSet,
  parseMessageDate,
  type SearchMessage,
  savedOf,
  sortMessages,
  threadMessages,
  writeSearchAnswer,
  writeThreads,
} from '../src/index.ts'

const none: ReturnOptions = {
  min: false,
  max: false,
  all: false,
  count: false,
  save: false,
  update: false,
  context: false,
  partial: undefined,
}

t.test('answers', async (t) => {
  const answer = (found: number[], results: Partial<ReturnOptions> | undefined, more: object = {}): string | undefined =>
    writeSearchAnswer({
      tag: 'a"',
      uid: false,
      found,
      kind: 'SEARCH',
      results: results && { ...none, ...results },
      rev2: false,
      modseq: undefined,
      ...more,
    })
  t.equal(answer([], undefined), 'SEARCH')
  t.equal(answer([1, 2, 5], undefined, { modseq: 9 }), 'SEARCH 1 2 5 (MODSEQ 9)')
  t.equal(answer([], undefined, { modseq: 9 }), 'SEARCH')
  t.equal(answer([1, 2, 5], undefined, { rev2: true, uid: true }), 'ESEARCH (TAG "a\\"") UID ALL 1:2,5')
  t.equal(answer([], { min: true, all: true, count: true }), 'ESEARCH (TAG "a\\"") COUNT 0')
  t.equal(answer([1, 2, 5], { min: true, max: true, count: true }, { modseq: 9 }), 'ESEARCH (TAG "a\\"") MIN 1 MAX 5 COUNT 3 MODSEQ 9')
  t.equal(answer([1], { save: true }), undefined)
  t.equal(answer([], { save: true, min: true }), 'ESEARCH (TAG "a\\"")')
  t.equal(answer([], { partial: parsePartialRange('100:200') }), 'ESEARCH (TAG "a\\"") PARTIAL (100:200 NIL)')
  t.equal(
    answer([7, 5, 6, 1], { all: true, partial: parsePartialRange('-1:-2') }, { kind: 'SORT' }),
    'ESEARCH (TAG "a\\"") ALL 7,5:6,1 PARTIAL (-1:-2 6,1)',
  )
  t.equal(orderedSet([3, 4, 5, 4]), '3:5,4')
  t.equal(savedOf([1, 5, 9], { ...none, min: true, max: true }).toString(), '1,9')
  t.equal(savedOf([1, 5, 9], { ...none, min: true, count: true }).toString(), '1,5,9')
  t.equal(savedOf([1, 5, 9], { ...none, save: true }).toString(), '1,5,9')
  t.equal(savedOf([], { ...none, min: true }).toString(), '')
  t.ok(asksForModseq({ key: 'not', of: { key: 'and', keys: [{ key: 'modseq', modseq: 1 }] } }))
})

t.test('texts are compared without case and accents', async (t) => {
  for (const [one, other] of [
    ['café', 'CAFE'],
    ['Ａ', 'a'],
    ['ПРИ', 'при'],
    ['ﬁ', 'FI'],
  ] as const)
    t.equal(foldText(one), foldText(other))
  t.not(foldText('Grüße'), foldText('GRÜSSE'))
})

t.test('sorts put an accent after its letter', async (t) => {
  const subjects = ['a', '=?utf-8?q?=C3=84?=', 'B', 'Az']
  const sorted = sortMessages(
    subjects.map((subject, at) => message(at + 1, '', '', subject)),
    [{ field: 'SUBJECT', reverse: false }],
  )
  t.same(
    sorted.map(({ number }) => number),
    [1, 4, 2, 3],
  )
})

t.test('dates of messages', async (t) => {
  const utc = (text: string): string => new Date((parseMessageDate(text)?.seconds ?? Number.NaN) * 1000).toISOString().slice(0, 19)
  t.equal(utc('Mon, 7 Feb 1994 21:52:25 -0800 (PST)'), '1994-02-08T05:52:25')
  t.equal(utc('7 Feb 94 21:52 EST'), '1994-02-08T02:52:00')
  t.equal(utc('Tue, 1 Jul 03 10:52:37 +0200'), '2003-07-01T08:52:37')
  t.equal(utc('Fri, 13 Dec 1901 20:45:53 +0000'), '1901-12-13T20:45:53')
  for (const text of ['', 'yesterday', '30 Feb 2020 10:00:00 +0000', '1 Jan 2020 25:00:00'])
    t.equal(parseMessageDate(text), undefined, text)
})

t.test('base subjects', async (t) => {
  for (const [subject, text, isReply] of [
    ['Re: a', 'A', true],
    ['[x] Re[2]: a (fwd) (Fwd) ', 'A', true],
    ['Fwd: [Fwd: [list] a]', 'A', true],
    ['[list] a', 'A', false],
    ['[only]', '[ONLY]', false],
    ['Re:', '', true],
    ['AW: a', 'AW: A', false],
  ] as const)
    t.same(baseSubject(subject), { text, isReply }, subject)
})

function message(number: number, id: string, references: string, subject: string): SearchMessage {
  const fields: Record<string, string> = { 'MESSAGE-ID': id, REFERENCES: references, SUBJECT: subject }
  return {
    number,
    uid: number,
    hasFlag: () => false,
    internalDate: number,
    saveDate: undefined,
    sizeBytes: 1,
    modseq: 1,
    emailId: undefined,
    threadId: undefined,
    fields: (name) => (fields[name] === undefined ? [] : [fields[name]]),
    open: () => undefined,
  }
}

t.test('threads: circles, long chains in any order, and deep ones without messages', async (t) => {
  const threads = (messages: readonly SearchMessage[]): string =>
    writeThreads(threadMessages(messages, 'REFERENCES'), ({ number }) => number)
  t.equal(threads([message(1, '<a@x>', '<b@x>', 'p'), message(2, '<b@x>', '<a@x>', 'q')]), '(2 1)')
  t.equal(threads([message(1, '<a@x>', '<a@x>', 'p')]), '(1)')
  const count = 20_000
  const chain = Array.from({ length: count }, (_, at) => message(at + 1, `<${at}@x>`, `<${at - 1}@x>`, `s${at}`))
  const inOrder = Array.from({ length: count }, (_, at) => at + 1)
  t.equal(threads(chain), `(${inOrder.join(' ')})`)
  t.equal(threads([...chain].reverse()), `(${inOrder.join(' ')})`)
  const deep = Array.from({ length: count }, (_, at) => message(at + 1, `<m${at}@x>`, `<${at}@x> <${at + 1}@x>`, `s${at}`))
  t.equal(threads(deep), `(${inOrder.map((number) => `(${number})`).join('')})`)
})

t.test('threads of one subject', async (t) => {
  const threads = (...subjects: string[]): string =>
    writeThreads(
      threadMessages(
        subjects.map((subject, at) => message(at + 1, `<${at}@x>`, '', subject)),
        'REFERENCES',
      ),
      ({ number }) => number,
    )
  t.equal(threads('a', 'Re: a', 'Re: a'), '(1 (2)(3))')
  t.equal(threads('Re: a', 'a'), '(2 1)')
  t.equal(threads('a', 'a', 'Re: a'), '((1)(2)(3))')
  t.equal(threads('', ''), '(1)(2)')
})
