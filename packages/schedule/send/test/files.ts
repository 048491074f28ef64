/** The readers of queue files: any content, any length. */
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { TodoFile, type TodoRecord } from '../src/take/todofile.ts'
import { type ChannelRecord, Records } from '../src/try/records.ts'

const directory = mkdtempSync(join(tmpdir(), 'files-'))
process.chdir(directory)
const { mkdirSync } = await import('node:fs')
mkdirSync('queue/todo', { recursive: true })
t.teardown(() => rmSync(directory, { recursive: true }))

function readTodo(content: Buffer): TodoRecord[] {
  writeFileSync('queue/todo/1', content)
  const file = new TodoFile('todo/1')
  const records: TodoRecord[] = []
  for (let ended = false; !ended; ) {
    ended = file.ended
    records.push(...file.take())
  }
  file.close()
  return records
}

function allRecords(records: Records): ChannelRecord[] {
  const found: ChannelRecord[] = []
  for (let record = records.next(); record !== undefined; record = records.next()) found.push(record)
  records.close()
  return found
}

/** What the records of a file are, by their definition. */
function split(content: Buffer): string[] {
  return content.toString('latin1').split('\0').slice(0, -1)
}

/** Files around and beyond the size of a buffer, of short and long records. */
const content = fc
  .array(fc.record({ text: fc.uint8Array({ maxLength: 40 }), times: fc.integer({ min: 1, max: 900 }) }), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(({ text, times }) => Array.from({ length: times }, () => Buffer.from(text)))))

t.test('a todo file is read record by record, however long it is', async () => {
  fc.assert(
    fc.property(content, (bytes) => {
      const records = readTodo(bytes)
      assert.deepEqual(
        records,
        split(bytes).map((record) => [record.slice(0, 1), record.slice(1)]),
      )
    }),
    { seed: 1, numRuns: 60 },
  )
})

t.test('a channel file is read record by record, with the place of each', async () => {
  fc.assert(
    fc.property(content, (bytes) => {
      writeFileSync('channel', bytes)
      let position = 0
      const expected = split(bytes).map((record) => {
        const found = { position, letter: record.slice(0, 1), recipient: record.slice(1) }
        position += record.length + 1
        return found
      })
      assert.deepEqual(allRecords(Records.ofFile(openSync('channel', 'r'))), expected)
      assert.deepEqual(allRecords(Records.ofBytes(bytes)), expected)
    }),
    { seed: 2, numRuns: 60 },
  )
})

t.test('the sender of a todo file is seen before the file is worked through, in whatever place', async (t) => {
  for (const [text, sender] of [
    ['u1\0p2\0Fa@b\0Tc\0', 'a@b'],
    ['Fa@b\0u1\0', 'a@b'],
    ['u1\0F\0Tc\0', ''],
    ['u1\0TFx\0', undefined],
    ['Funfinished', undefined],
    ['', undefined],
  ] as const) {
    writeFileSync('queue/todo/1', text)
    const file = new TodoFile('todo/1')
    t.equal(file.peek('F'), sender)
    file.close()
  }
})

t.test('it is known that a file has no more records as soon as its end was read', async (t) => {
  writeFileSync('channel', 'Ta@b\0')
  const records = Records.ofFile(openSync('channel', 'r'))
  t.equal(records.next()?.recipient, 'a@b')
  t.ok(records.atEnd)
  t.equal(records.next(), undefined)
})

t.test('a record without end is trouble, not memory', async (t) => {
  const piece = Buffer.alloc(1_000_000, 'T')
  writeFileSync('endless', '')
  for (let n = 0; n < 6; n += 1) appendFileSync('endless', piece)
  const records = Records.ofFile(openSync('endless', 'r'))
  t.throws(() => records.next(), /too long/)
  records.close()
  t.throws(() => readTodo(Buffer.concat([piece, piece, piece])), /too long/)
})
