/** When an address is left alone and when tried again (spec §2.4.6), on a table in memory. Times are unix seconds. */
import { readRecord, recordBytes, type TimeoutRecord, writeRecord } from './record.ts'

const most = 10
/** Timeouts within this time of the last one are the same event, seen by several deliveries. */
const sameEventSeconds = 120

/** The record of an address, with its place; undefined if there is none. */
export function findRecord(table: Buffer, address: string): (TimeoutRecord & { readonly index: number }) | undefined {
  for (let index = 0; (index + 1) * recordBytes <= table.length; index += 1) {
    const record = readRecord(table, index)
    if (record.address === address) return { ...record, index }
  }
  return undefined
}

/** Two timeouts or more, and the last one not an hour and some ago; how much more differs by process. */
export function isInTrouble(record: TimeoutRecord, now: number, pid: number): boolean {
  return record.count >= 2 && now - record.time < (60 + (pid % 32)) * 64
}

/** Count a timeout. @returns the index of the record that changed, or undefined if nothing did */
export function countTimeout(table: Buffer, address: string, now: number): number | undefined {
  const known = findRecord(table, address)
  if (known !== undefined) {
    if (known.count > 0 && now - known.time < sameEventSeconds) return undefined
    writeRecord(table, known.index, { address, count: Math.min(known.count + 1, most), time: now })
    return known.index
  }
  const index = freeIndex(table)
  if (index !== undefined) writeRecord(table, index, { address, count: 1, time: now })
  return index
}

/** The first record without timeouts, else the one that matters least: long ago and seldom. */
function freeIndex(table: Buffer): number | undefined {
  let least: number | undefined
  let leastWeight = Number.POSITIVE_INFINITY
  for (let index = 0; (index + 1) * recordBytes <= table.length; index += 1) {
    const { count, time } = readRecord(table, index)
    if (count === 0) return index
    const weight = time + count * 1024
    if (weight < leastWeight) {
      leastWeight = weight
      least = index
    }
  }
  return least
}
