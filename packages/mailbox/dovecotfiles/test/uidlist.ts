/** dovecot-uidlist is read and written as Dovecot does it, by several at once, and no UID is given twice. */
import { appendFileSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uidlistBytes } from '@yabumi/limits'
import t from 'tap'
import { type Living, NoMoreUids, nextUidValidity, Uidlist } from '../src/index.ts'
import { parseHeader, parseRecord } from '../src/records.ts'

const head = '3 V7 N5 G0123456789abcdef0123456789abcdef\n'
const everything: Living = { count: Number.POSITIVE_INFINITY, has: () => true }

function scratch(text?: string): { file: string; list: () => Uidlist } {
  const directory = mkdtempSync(join(tmpdir(), 'yabumi-uidlist-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'dovecot-uidlist')
  if (text !== undefined) writeFileSync(file, text)
  const list = (): Uidlist => {
    const made = new Uidlist(directory, 0o600, () => nextUidValidity(directory, 0o600))
    made.refresh()
    return made
  }
  return { file, list }
}

async function assign(list: Uidlist, bases: readonly string[], living: Living = everything): Promise<number[]> {
  const lock = await list.lock()
  try {
    list.refresh()
    return list.assign(
      lock,
      bases.map((base) => ({ base, fields: '' })),
      living,
    )
  } finally {
    lock.release()
  }
}

t.test('lines that are none are refused', async (t) => {
  for (const line of ['', '2 V1 N1', '3 V0 N1', '3 V1 N0', '3 N1', '3 V4294967296 N1', '1 5', '1 0 1', '3 Vx N1']) {
    t.equal(parseHeader(line), undefined, line)
  }
  for (const line of ['', '1', '0 :a', 'x :a', '1:a', '1 S5:a', '1 :', '1 :a/b', '1 :.a', '4294967295 :a', '-1 :a']) {
    t.equal(parseRecord(line, 3), undefined, line)
  }
  t.same(parseRecord('7 S5 Zx :a b:2,S', 3), { uid: 7, fields: 'S5 Zx', base: 'a b' })
  t.same(parseRecord('7 a:2,S', 1), { uid: 7, fields: '', base: 'a' })
})

t.test('what others append is read on, a new file whole, and a written-over one too', async (t) => {
  const { file, list } = scratch(`${head}5 :a\n`)
  const reader = list()
  appendFileSync(file, '6 :b\n7 :c')
  t.ok(reader.refresh())
  t.equal(reader.nextUid, 7, 'a line without its end is not read')
  appendFileSync(file, 'd\n')
  reader.refresh()
  t.equal(reader.find('cd')?.uid, 7)
  writeFileSync(file, `3 V8 N90 G0123456789abcdef0123456789abcdef\n70 :a\n71 :b\n72 :cdefghijkl\n`)
  reader.refresh()
  t.same([reader.uidValidity, reader.find('a')?.uid, reader.nextUid], [8, 70, 90])
  truncateSync(file, 44)
  reader.refresh()
  t.equal(reader.nextUid, 90, 'never lower for one UIDVALIDITY')
})

t.test('a torn line is not continued', async (t) => {
  const { file, list } = scratch(`${head}5 :a\n6 :tor`)
  t.same(await assign(list(), ['b']), [6])
  t.equal(readFileSync(file, 'latin1'), '3 V7 N6 G0123456789abcdef0123456789abcdef\n5 :a\n6 :b\n')
})

t.test('a list with many messages that are gone is written anew, and the next UID stays', async (t) => {
  const { file, list } = scratch(head + Array.from({ length: 40 }, (_, at) => `${at + 5} :m${at}\n`).join(''))
  t.same(await assign(list(), ['new'], { count: 20, has: (base) => base === 'm3' }), [45])
  t.equal(readFileSync(file, 'latin1'), '3 V7 N45 G0123456789abcdef0123456789abcdef\n8 :m3\n45 :new\n')
})

t.test('who lost the lock writes nothing', async (t) => {
  const { file, list } = scratch(head)
  const one = list()
  const lock = await one.lock()
  rmSync(`${file}.lock`)
  t.throws(() => one.assign(lock, [{ base: 'a', fields: '' }], everything))
  lock.release()
  t.equal(readFileSync(file, 'latin1'), head)
})

t.test('there is an end of UIDs, and of the size of a list', async (t) => {
  const { file, list } = scratch('3 V7 N4294967294 G0123456789abcdef0123456789abcdef\n')
  await t.rejects(assign(list(), ['a']), NoMoreUids)
  ftruncateSync(openSync(file, 'r+'), uidlistBytes + 1)
  t.throws(list, { code: 'EFBIG' })
})

t.test('rubbish gives new UIDs under a new UIDVALIDITY', async (t) => {
  for (const text of ['', 'rubbish', '3 V0 N0\n', '\0'.repeat(1000), '3 V1 N1 G\n\n\n\n']) {
    const { file, list } = scratch(text)
    const one = list()
    await assign(one, ['a'])
    t.match(readFileSync(file, 'latin1'), /^3 V[1-9][0-9]* N[0-9]+ G[0-9a-f]{32}\n[0-9]+ :a\n$/, text.slice(0, 20))
  }
})
