/**
 * The records of queue/lock/tcpto: at most 64 of 16 bytes each (spec §1.2).
 *
 * Bytes 0-3 IPv4 address, 4 number of recent timeouts (0 to 10), 8-11 time of the last one, little endian; the rest
 * unused.
 */

/** Size of the table, and all that is ever read of it. */
export const tableBytes = 1024
export const recordBytes = 16

/** What the table says about one address. */
export interface TimeoutRecord {
  /** Dotted quad. */
  readonly address: string
  /** Recent timeouts; 0 means recovered, or a free record. */
  readonly count: number
  /** Unix time of the last one. */
  readonly time: number
}

export function readRecord(table: Buffer, index: number): TimeoutRecord {
  const at = index * recordBytes
  return {
    address: table.subarray(at, at + 4).join('.'),
    count: table[at + 4] as number,
    time: table.readUInt32LE(at + 8),
  }
}

/** Change a record in the table; its unused bytes stay as they are. */
export function writeRecord(table: Buffer, index: number, record: TimeoutRecord): void {
  const at = index * recordBytes
  Buffer.from(record.address.split('.').map(Number)).copy(table, at)
  table[at + 4] = record.count
  table.writeUInt32LE(record.time % 2 ** 32, at + 8)
}
