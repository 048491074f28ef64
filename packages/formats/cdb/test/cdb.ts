import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { CdbReader, cdbHash, makeCdb } from '../src/index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'cdb-'))
t.teardown(() => rmSync(scratch, { recursive: true }))
const path = join(scratch, 'data.cdb')

function readerOf(bytes: Buffer): CdbReader {
  return new CdbReader((position, length) => bytes.subarray(position, position + length))
}

function look(records: [string, string][], keys: string[]): (string | undefined)[] {
  const reader = readerOf(
    makeCdb(records.map(([key, data]): [Buffer, Buffer] => [Buffer.from(key, 'latin1'), Buffer.from(data, 'latin1')])),
  )
  return keys.map((key) => reader.find(Buffer.from(key, 'latin1'))?.toString('latin1'))
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
  const bytes = makeCdb(keys.map((key): [Buffer, Buffer] => [Buffer.from(key), Buffer.from('some data')]))
  t.same(
    [...readerOf(bytes).keys()].map((key) => key.toString('latin1')),
    keys,
  )
  t.throws(() => [...readerOf(bytes.subarray(0, 2060)).keys()], { message: 'cdb file is damaged' })
})

t.test('a damaged file is an error, never a wrong answer and never an endless search', async (t) => {
  const whole = makeCdb([...Array(40).keys()].map((n): [Buffer, Buffer] => [Buffer.from(`key${n}`), Buffer.from('data')]))
  t.throws(() => readerOf(whole.subarray(0, 100)).find(Buffer.from('key7')), { message: /damaged/ })
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(39), (position, byte, n) => {
      const bytes = Buffer.from(whole)
      bytes[position] = byte
      try {
        readerOf(bytes).find(Buffer.from(`key${n}`))
      } catch (error) {
        return error instanceof Error && error.message.includes('damaged')
      }
      return true
    }),
    { seed: 1, numRuns: 200 },
  )
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
  t.equal(readerOf(readFileSync(path)).find(Buffer.from('key 7'))?.toString(), 'data 7')
})

function findProgram(): string {
  return execFileSync('/bin/sh', ['-c', 'command -v cdb || :'], { encoding: 'utf8' }).trim()
}
