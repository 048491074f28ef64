/** The counter of changes never goes back, and the history of expunges is bounded. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expungeHistoryEntries, modseqBlock } from '@yabumi/limits'
import t from 'tap'
import { History } from '../src/history.ts'
import { Modseq } from '../src/modseq.ts'

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-modseq-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

t.test('after a clean end counting goes on, after another it goes on behind the block', async (t) => {
  const directory = scratch()
  const first = new Modseq(directory, 0)
  const last = first.next()
  first.giveBack()
  const second = new Modseq(directory, 0)
  t.equal(second.last, last)
  t.equal(second.next(), last + 1)
  const third = new Modseq(directory, 0)
  t.ok(third.last >= last + 1, 'the second never ended')
  t.ok(third.last < last + 2 + modseqBlock * 2)
})

t.test('a new mailbox begins at 1, another one at the time', async (t) => {
  t.equal(new Modseq(scratch(), 0, true).last, 1)
  t.ok(new Modseq(scratch(), 0).last > 1_700_000_000)
})

t.test('two who count at once never have the same number', async (t) => {
  const directory = scratch()
  const [one, two] = [new Modseq(directory, 0), new Modseq(directory, 0)]
  const numbers = Array.from({ length: modseqBlock * 3 }, (_, at) => (at % 7 < 3 ? one : two).next())
  t.equal(new Set(numbers).size, numbers.length)
})

t.test('a file that cannot be read costs numbers, and gives none twice', async (t) => {
  const directory = scratch()
  const last = new Modseq(directory, 0).next()
  writeFileSync(join(directory, 'modseq'), 'x')
  t.ok(new Modseq(directory, last).last > last)
})

t.test('what is too long ago is not known any more', async (t) => {
  const history = new History(10)
  for (let at = 0; at <= expungeHistoryEntries; at += 1) history.add([2 * at + 1], 11 + at)
  t.equal(history.after(11), undefined)
  t.ok((history.entries.length ?? 0) <= expungeHistoryEntries)
  t.same(history.after(11 + expungeHistoryEntries - 1), [
    { first: 2 * expungeHistoryEntries + 1, last: 2 * expungeHistoryEntries + 1, modseq: 11 + expungeHistoryEntries },
  ])
})
