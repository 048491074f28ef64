import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { CdbReader, cdbFind, cdbHash, makeCdb } from '../src/index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'cdb-'))
t.teardown(() => rmSync(scratch, { recursive: true }))
const path = join(scratch, 'data.cdb')

function look(records: [string, string][], keys: string[]): (string | undefined)[] {
  writeFileSync(path, makeCdb(records.map(([key, data]): [Buffer, Buffer] => [Buffer.from(key, 'latin1'), Buffer.from(data, 'latin1')])))
  const reader = new CdbReader(path)
  try {
    return keys.map((key) => reader.find(Buffer.from(key, 'latin1'))?.toString('latin1'))
  } finally {
    reader.close()
  }
}

t.test('cdbHash is the published one', async (t) => {
  t.equal(cdbHash(Buffer.from('')), 5381)
  t.equal(cdbHash(Buffer.from('one')), 193_420_161)
})

t.test('an empty database is 2048 bytes and has no key', async (t) => {
  const bytes = makeCdb([])
  t.equal(bytes.length, 2048)
  t.equal(bytes.readUInt32LE(0), 2048, 'an empty table still has a position')
  t.same(look([], ['', 'one']), [undefined, undefined])
})

t.test('find gives the data of the first record with a key', async (t) => {
  const records: [string, string][] = [
    ['one', 'Hello'],
    ['two', ''],
    ['one', 'again'],
    ['', 'the empty key'],
  ]
  t.same(look(records, ['one', 'two', '', 'three', 'on', 'onee']), ['Hello', '', 'the empty key', undefined, undefined, undefined])
})

t.test('whatever was put in is found, and nothing else', async () => {
  const text = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 60 }), fc.array(text), (records, others) => {
      const first = new Map<string, string>()
      for (const [key, data] of records) if (!first.has(key)) first.set(key, data)
      const keys = [...first.keys(), ...others]
      const found = look(records, keys)
      return keys.every((key, index) => found[index] === first.get(key))
    }),
    { seed: 1, numRuns: 50 },
  )
})

t.test('keys gives every key in the order of the file', async (t) => {
  const keys = ['one', '', 'two', 'one']
  writeFileSync(path, makeCdb(keys.map((key): [Buffer, Buffer] => [Buffer.from(key), Buffer.from('some data')])))
  const reader = new CdbReader(path)
  t.same(
    [...reader.keys()].map((key) => key.toString('latin1')),
    keys,
  )
  reader.close()
  writeFileSync(path, readFileSync(path).subarray(0, 2060))
  const damaged = new CdbReader(path)
  t.throws(() => [...damaged.keys()], { message: 'cdb file is damaged' })
  damaged.close()
})

t.test('a damaged file is an error, never a wrong answer and never an endless search', async (t) => {
  const whole = makeCdb([...Array(40).keys()].map((n): [Buffer, Buffer] => [Buffer.from(`key${n}`), Buffer.from('data')]))
  writeFileSync(path, whole.subarray(0, 100))
  t.throws(() => cdbFind(path, Buffer.from('key7')), { message: /damaged/ })
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(39), (position, byte, n) => {
      const bytes = Buffer.from(whole)
      bytes[position] = byte
      writeFileSync(path, bytes)
      try {
        cdbFind(path, Buffer.from(`key${n}`))
      } catch (error) {
        return error instanceof Error && error.message.includes('damaged')
      }
      return true
    }),
    { seed: 1, numRuns: 200 },
  )
})

t.test('cdbFind takes a file that does not exist for one without the key', async (t) => {
  t.equal(cdbFind(join(scratch, 'no-such-file'), Buffer.from('one')), undefined)
  t.throws(() => cdbFind(scratch, Buffer.from('one')), 'a directory is trouble')
})

const cdb = findProgram()
t.test('tinycdb reads what makeCdb wrote, and the reverse', { skip: cdb === '' && 'no program cdb (Debian: tinycdb)' }, async (t) => {
  const records = [...Array(500).keys()].map((n): [string, string] => [`key ${n % 400}`, `data ${n}`])
  const input = `${records.map(([key, data]) => `+${key.length},${data.length}:${key}->${data}\n`).join('')}\n`
  execFileSync(cdb, ['-c', '-t', join(scratch, 'tmp'), path], { input })
  const ours = join(scratch, 'ours.cdb')
  writeFileSync(ours, makeCdb(records.map(([key, data]): [Buffer, Buffer] => [Buffer.from(key), Buffer.from(data)])))
  t.equal(execFileSync(cdb, ['-d', ours], { encoding: 'utf8' }), input)
  t.equal(execFileSync(cdb, ['-q', '-n', '1', ours, 'key 7'], { encoding: 'utf8' }), 'data 7')
  t.equal(cdbFind(path, Buffer.from('key 7'))?.toString(), 'data 7')
})

function findProgram(): string {
  return execFileSync('/bin/sh', ['-c', 'command -v cdb || :'], { encoding: 'utf8' }).trim()
}
