import fc from 'fast-check'
import t from 'tap'
import { readRecord, tableBytes, writeRecord } from '../src/record.ts'
import { countTimeout, findRecord, isInTrouble } from '../src/rules.ts'

const now = 1_700_000_000

t.test('a first timeout takes the first free record', async (t) => {
  const table = Buffer.alloc(tableBytes)
  writeRecord(table, 0, { address: '192.0.2.1', count: 1, time: now })
  writeRecord(table, 1, { address: '192.0.2.2', count: 0, time: now })
  t.equal(countTimeout(table, '192.0.2.9', now), 1)
  t.same(readRecord(table, 1), { address: '192.0.2.9', count: 1, time: now })
  t.equal(table.subarray(16, 32).toString('hex'), `c000020901000000${Buffer.from(new Uint32Array([now]).buffer).toString('hex')}00000000`)
})

t.test('timeouts within two minutes count once, later ones up to ten', async (t) => {
  const table = Buffer.alloc(tableBytes)
  countTimeout(table, '192.0.2.1', now)
  t.equal(countTimeout(table, '192.0.2.1', now + 119), undefined)
  t.equal(countTimeout(table, '192.0.2.1', now + 120), 0)
  t.same(findRecord(table, '192.0.2.1'), { address: '192.0.2.1', count: 2, time: now + 120, index: 0 })
  for (let i = 2; i < 20; i += 1) countTimeout(table, '192.0.2.1', now + 120 * i)
  t.equal(findRecord(table, '192.0.2.1')?.count, 10)
})

t.test('a recovered address starts to count at once', async (t) => {
  const table = Buffer.alloc(tableBytes)
  writeRecord(table, 5, { address: '192.0.2.1', count: 0, time: now })
  t.equal(countTimeout(table, '192.0.2.1', now + 1), 5)
  t.equal(findRecord(table, '192.0.2.1')?.count, 1)
})

t.test('in a full table the oldest and rarest gives way', async (t) => {
  const table = Buffer.alloc(tableBytes)
  for (let i = 0; i < 64; i += 1) writeRecord(table, i, { address: `10.0.0.${i}`, count: 2, time: now + i })
  writeRecord(table, 40, { address: '10.0.0.40', count: 1, time: now + 900 })
  t.equal(countTimeout(table, '192.0.2.1', now + 2000), 40, 'one timeout weighs 1024 seconds less than two')
  t.equal(countTimeout(table, '192.0.2.2', now + 2000), 0)
})

t.test('an address is in trouble from the second timeout, for 64 to 97 minutes by process', async (t) => {
  const record = { address: '192.0.2.1', count: 2, time: now }
  t.equal(isInTrouble({ ...record, count: 1 }, now, 1), false)
  t.equal(isInTrouble(record, now + 60 * 64 - 1, 32), true)
  t.equal(isInTrouble(record, now + 60 * 64, 32), false)
  t.equal(isInTrouble(record, now + 91 * 64 - 1, 31), true)
  t.equal(isInTrouble(record, now + 91 * 64, 31), false)
})

t.test('any bytes are a table: one address never gets two records, and only one record changes', async () => {
  const octet = fc.integer({ min: 0, max: 3 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: tableBytes }), octet, (bytes, last) => {
      const table = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 16)))
      const before = Buffer.from(table)
      const index = countTimeout(table, `192.0.2.${last}`, now)
      for (let at = 0; at < table.length; at += 16) {
        if (at / 16 !== index && !table.subarray(at, at + 16).equals(before.subarray(at, at + 16))) return false
      }
      return index === undefined ? table.equals(before) : findRecord(table, `192.0.2.${last}`)?.index === index
    }),
    { seed: 2 },
  )
})
