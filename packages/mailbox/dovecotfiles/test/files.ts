/** Keywords, subscriptions, UIDVALIDITY and maildirsize, as other programs leave them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keywordBytes, keywordsFileBytes, maildirsizeBytes, subscriptionsBytes } from '@yabumi/limits'
import t from 'tap'
import { changeSubscription, Keywords, nextUidValidity, noteUsage, readSubscriptions, readUsage } from '../src/index.ts'
import { parseKeywords } from '../src/keywords.ts'
import { parseMaildirsize } from '../src/maildirsize.ts'
import { parseSubscriptions } from '../src/subscriptions.ts'

function scratch(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-dovecotfiles-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'tmp'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, 'latin1')
  return directory
}

t.test('keywords: odd lines are passed over', async (t) => {
  t.same(parseKeywords(`0 a\n2 C\n2 twice\n3 c\n26 x\nrubbish\n-1 y\n4  z\n5 ${'x'.repeat(keywordBytes + 1)}\n`), ['a', undefined, 'C'])
  const untellable = ['a b', 'a)', '(a', 'a"', 'a\\', '%', '*', 'a]', '{5}', 'a\r', 'a\0', 'caf\xe9']
  for (const name of untellable) t.same(parseKeywords(`0 ${name}\n`), [], 'a name that would be no flag in an answer')
  const directory = scratch({ 'dovecot-keywords': `0 a\n${'x'.repeat(keywordsFileBytes)}` })
  const keywords = new Keywords(directory, 0o600)
  keywords.refresh()
  t.same(keywords.names, [])
})

t.test('keywords: readers see every change, within the same second too', async (t) => {
  const directory = scratch()
  const [writer, reader] = [new Keywords(directory, 0o600), new Keywords(directory, 0o600)]
  for (const name of ['one', 'two', 'ONE', 'three']) {
    await writer.add([name], 0)
    t.equal(reader.refresh(), name !== 'ONE', name)
  }
  t.same(reader.names, ['one', 'two', 'three'])
  await writer.add(
    Array.from({ length: 30 }, (_, at) => `k${at}`),
    0,
  )
  t.equal(writer.letterOf('k22'), 25)
  t.equal(writer.letterOf('k23'), -1)
})

t.test('subscriptions: names with anything in them come back', async (t) => {
  const root = scratch()
  const names = ['INBOX', 'a/b', 'tab\there', '\x01', 'line\nend', '&AOk-']
  for (const name of names) await changeSubscription(root, name, true, 0o600)
  t.same(readSubscriptions(root), names)
  t.ok(readFileSync(join(root, 'subscriptions'), 'latin1').startsWith('V\t2\n\nINBOX\na\tb\ntab\x01there\n'))
  t.same(parseSubscriptions('a\n\na\n'), { version: 1, names: ['a'] })
  writeFileSync(join(root, 'subscriptions'), 'x\n'.repeat(subscriptionsBytes / 2 + 1))
  t.throws(() => readSubscriptions(root), { code: 'EFBIG' })
  await t.rejects(changeSubscription(root, 'y', true, 0o600), { code: 'EFBIG' })
  t.notOk(readdirSync(root).includes('subscriptions.lock'))
})

t.test('UIDVALIDITY: each is higher than all before, in both forms', async (t) => {
  const root = scratch({ 'dovecot-uidvalidity': '6b0d4fb5', 'dovecot-uidvalidity.6b0d4fb5': '' })
  t.equal(nextUidValidity(root, 0o600), 0x6b0d4fb6)
  t.equal(nextUidValidity(root, 0o600), 0x6b0d4fb7)
  t.equal(readFileSync(join(root, 'dovecot-uidvalidity'), 'latin1'), '6b0d4fb7')
  t.same(readdirSync(root).sort(), ['dovecot-uidvalidity', 'dovecot-uidvalidity.6b0d4fb7', 'tmp'])
  rmSync(join(root, 'dovecot-uidvalidity'))
  t.equal(nextUidValidity(root, 0o600), 0x6b0d4fb8)
  const fresh = nextUidValidity(scratch({ 'dovecot-uidvalidity': 'rubbish' }), 0o600)
  t.ok(fresh > 1_700_000_000)
})

t.test('maildirsize: lines are summed, and rubbish is counted anew', async (t) => {
  t.same(parseMaildirsize('5000S,10C\n1000 1\n-10 -1\n'), { limit: { bytes: 5000, count: 10 }, used: { bytes: 990, count: 0 }, lines: 2 })
  for (const text of ['x', '5000X\n', '5S\n1\n', '5S\nx y\n', '5S\n1 1']) t.equal(parseMaildirsize(text), undefined, text)
  const count = (): { bytes: number; count: number } => ({ bytes: 7, count: 2 })
  const limit = { bytes: 100, count: 0 }
  for (const text of ['rubbish', '99S\n5 1\n', '100S\n-5 1\n', `100S\n${'1 0\n'.repeat(maildirsizeBytes / 4)}`, '100S\n60 1\n60 1\n']) {
    const root = scratch({ maildirsize: text })
    t.same(readUsage(root, limit, count, 0o600).used, { bytes: 7, count: 2 }, text.slice(0, 20))
    t.equal(readFileSync(join(root, 'maildirsize'), 'latin1'), '100S\n7 2\n')
  }
  const root = scratch({ maildirsize: '100S\n150 1\n' })
  t.equal(readUsage(root, limit, count, 0o600).used.bytes, 150, 'one young line over the limit is believed')
  utimesSync(join(root, 'maildirsize'), 1, 1)
  t.equal(readUsage(root, limit, count, 0o600).used.bytes, 7)
  noteUsage(root, { bytes: 3, count: 1 })
  t.equal(readFileSync(join(root, 'maildirsize'), 'latin1'), '100S\n7 2\n3 1\n')
  const without = scratch()
  noteUsage(without, { bytes: 3, count: 1 })
  t.same(readUsage(without, undefined, count, 0o600), { limit: { bytes: 0, count: 0 }, used: { bytes: 7, count: 2 } })
  t.same(readdirSync(without), ['tmp'])
})
