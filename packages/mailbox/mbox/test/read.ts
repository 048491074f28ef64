import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { digestOf, NotMbox, scanMbox } from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'yabumi-mbox-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const path = join(directory, 'mbox')

/** The messages proper of an mbox, and where they are. */
function scan(text: string, size?: number): { texts: string[]; uids: string[]; tiled: boolean } {
  writeFileSync(path, text, 'latin1')
  const fd = openSync(path, 'r')
  try {
    const found = scanMbox(fd, size ?? fstatSync(fd).size)
    const tiled = found.every(({ next }, index) => next === (found[index + 1]?.start ?? text.length))
    for (const { start, end, uid } of found) t.ok(uid.startsWith(digestOf(fd, start, end)))
    return { texts: found.map(({ content, end }) => text.slice(content, end)), uids: found.map(({ uid }) => uid), tiled }
  } finally {
    closeSync(fd)
  }
}

/** The rule once more, in another way. */
function plainly(text: string): string[] {
  const messages = text.split(/(?<=^|\n\n)(?=From )/)
  return messages.map((message) => message.replace(/\n\n$/, '\n').replace(/^From [^\n]*\n?/, ''))
}

t.test('a message begins with a From line at the start of the file or behind an empty line', async (t) => {
  const { texts, tiled } = scan(
    'From a Mon\nSubject: 1\n\nFrom the body\n>From quoted\n\nFrom b Tue\nX: 2\n\ntwo\n\n\nFrom c Wed\nX: 3\n\n',
  )
  t.same(texts, ['Subject: 1\n', '>From quoted\n', 'X: 2\n\ntwo\n\n', 'X: 3\n'])
  t.ok(tiled)
})

t.test('a From line that follows no empty line belongs to the body', async (t) => {
  t.same(scan('From a\nX: 1\n\nhello\nFrom here\nFrom there\n\n').texts, ['X: 1\n\nhello\nFrom here\nFrom there\n'])
})

t.test('From without a blank behind it begins nothing', async (t) => {
  t.same(scan('From a\nX: 1\n\nFromage\n\nFROM b\n\n').texts, ['X: 1\n\nFromage\n\nFROM b\n'])
})

t.test('the empty line behind a message is not part of it, a missing one is not missed', async (t) => {
  t.same(scan('From a\nX: 1\n\nbody\n\n').texts, ['X: 1\n\nbody\n'])
  t.same(scan('From a\nX: 1\n\nbody\n').texts, ['X: 1\n\nbody\n'])
  t.same(scan('From a\nX: 1\n\nbody').texts, ['X: 1\n\nbody'])
  t.same(scan('From a\nX: 1\n\nbody\n\n\n').texts, ['X: 1\n\nbody\n\n'])
})

t.test('messages without content, and files without messages', async (t) => {
  t.same(scan('').texts, [])
  t.same(scan('\n\n').texts, [])
  t.same(scan('From a\n\nFrom b\n\n').texts, ['', ''])
  t.same(scan('From a').texts, [''])
  t.same(scan('\nFrom a\n\n').texts, [''], 'empty lines in front are passed over')
})

t.test('what is no mbox is said to be none', async (t) => {
  for (const text of ['Subject: x\n\nbody\n', 'from a\n', 'Fro', '\n\n>From a\n', '\0'.repeat(9)])
    t.throws(() => scan(text), new NotMbox('does not begin with a From line'))
})

t.test('what is behind the given size does not count', async (t) => {
  const first = 'From a\nX: 1\n\n'
  const { texts } = scan(`${first}From b\nX: 2\n\n`, first.length)
  t.same(texts, ['X: 1\n'])
})

t.test('uids stay with the messages, whatever is removed before them', async (t) => {
  const [a, b, c] = ['From a\nX: 1\n\n', 'From b\nX: 2\n\n', 'From c\nX: 3\n\n']
  const all = scan(`${a}${b}${c}`).uids
  t.equal(new Set(all).size, 3)
  t.same(scan(`${b}${c}`).uids, all.slice(1))
  t.same(scan(`${c}${a}`).uids, [all[2], all[0]])
  for (const uid of all) t.match(uid, /^[!-~]{32,70}$/)
})

t.test('equal messages have uids of their own', async (t) => {
  const { uids } = scan('From a\nX: 1\n\n'.repeat(3))
  t.same(uids, [uids[0], `${uids[0]}-2`, `${uids[0]}-3`])
})

t.test('messages and lines longer than what is read at once', async (t) => {
  const bodies = [262_100, 262_144, 300_000, 1, 524_288, 70].map((length, index) => `X: ${index}\n\n${'x'.repeat(length)}\n`)
  const { texts, tiled } = scan(bodies.map((body) => `From a\n${body}\n`).join(''))
  t.ok(texts.every((text, index) => text === bodies[index]))
  t.equal(texts.length, bodies.length)
  t.ok(tiled)
  const longLine = 'y'.repeat(600_000)
  t.same(scan(`From ${longLine}\nX: 1\n\nFrom b\n`).texts, ['X: 1\n', ''])
})

t.test('a separator is found wherever it falls between two reads', async (t) => {
  const window = 262_144
  for (let at = window - 10; at <= window + 2; at += 1) {
    const first = `From a\n${'x'.repeat(at - 7)}`
    const { texts } = scan(`${first}\n\nFrom b\nX: 2\n`)
    t.same([texts.length, texts[0]?.length, texts[1]], [2, at - 7 + 1, 'X: 2\n'], `separator at ${at}`)
  }
})

t.test('any mbox is split as the rule says', async (t) => {
  const words = fc.array(fc.constantFrom('\n', '\n\n', 'From ', 'From', '>From ', 'a', 'X: y\n', '\r\n', '\0', '\xff'), { maxLength: 40 })
  fc.assert(
    fc.property(words, (parts) => {
      const text = `From x\n${parts.join('')}`
      const { texts, tiled } = scan(text)
      t.same(texts, plainly(text), JSON.stringify(text))
      t.ok(tiled)
    }),
    { seed: 4, numRuns: 500 },
  )
})
