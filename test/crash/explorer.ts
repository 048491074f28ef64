/** The crash explorer in its short form: every crash point of every scenario, and one planted fault, which it must find. */
import t from 'tap'
import { contentsAfter } from '../crash-explorer/disk.ts'
import { explore } from '../crash-explorer/explore.ts'
import { tryOne } from '../crash-explorer/mutate.ts'
import { mutations } from '../crash-explorer/mutations.ts'
import { bytesOf, parseCalls, pathOf } from '../crash-explorer/strace.ts'
import { changedBy } from '../support/plant.ts'
import { missing } from '../support/programs.ts'

const least = 2_000
const seed = 1
const skip = missing('strace')

t.test('every crash leaves what the system makes good', { skip }, async (t) => {
  const { distinct, tried, problems } = await explore({ seed, samples: 1, most: 2_400 })
  const sum = tried.kill + tried.journal + tried.reorder
  t.comment(`${sum} of ${distinct} states tried: kill ${tried.kill}, journal ${tried.journal}, reorder ${tried.reorder}`)
  t.same(problems, [])
  t.ok(sum >= least, `at least ${least} states were tried`)
})

t.test('a sync that is left out is found', { skip }, async (t) => {
  const fault = mutations.find(({ what }) => what === 'queue (resident): `todo/` is not synced')
  if (fault === undefined) return t.fail('there is no such fault')
  const { problems } = await tryOne(fault, seed)
  t.match(problems[0]?.text, /was acknowledged and there is no copy/)
})

t.test('the place of every fault is still in the sources', async (t) => {
  for (const mutation of mutations) t.doesNotThrow(() => changedBy(mutation.edits), mutation.what)
})

t.test('calls are put together in the order of their ends', async (t) => {
  const trace = [
    '12 fsync(3<\\x2f\\x78> <unfinished ...>',
    '13 openat(AT_FDCWD<\\x2f>, "\\x79", O_WRONLY|O_CREAT, 0644) = 4<\\x2f\\x79>',
    '12 <... fsync resumed>)              = 0',
    '13 writev(4<\\x2f\\x79>, [{iov_base="\\x61", iov_len=1}, {iov_base="\\x62", iov_len=1}], 2) = 2',
  ]
  const calls = parseCalls(trace.join('\n'))
  t.same(
    calls.map(({ name, begin, end }) => [name, begin, end]),
    [
      ['openat', 1, 1],
      ['fsync', 0, 2],
      ['writev', 3, 3],
    ],
  )
  t.equal(pathOf(calls[0]?.result ?? ''), '/y')
  t.equal(bytesOf(calls[0]?.args[1] ?? '').toString(), 'y')
  t.equal(calls[2]?.args.length, 3)
})

t.test('bytes that were not synced are there, missing, short or zero', async (t) => {
  const inode = { id: 1, fs: 'queue' }
  const events = [
    { kind: 'write' as const, inode, offset: 0, bytes: Buffer.from('abcd') },
    { kind: 'write' as const, inode, offset: 4, bytes: Buffer.from('efgh') },
  ]
  t.equal(contentsAfter(events, 1, 'full').toString(), 'abcdefgh')
  t.equal(contentsAfter(events, 1, 'none').toString(), 'abcd')
  t.equal(contentsAfter(events, 1, 'short').toString(), 'abcdef')
  t.equal(contentsAfter(events, 1, 'zero').toString(), 'abcd\0\0\0\0')
  t.equal(contentsAfter(events, 2, 'none').toString(), 'abcdefgh', 'and what was synced stays')
})
