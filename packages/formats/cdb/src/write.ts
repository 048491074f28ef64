/** A cdb file is made in memory, identical to what cdb's own writer makes. The caller writes, syncs and renames. */
import { cdbHash } from './hash.ts'

/**
 * The bytes of a cdb file with these records, in this order. Duplicate keys are kept; a look-up finds the first.
 *
 * @throws Error if the file would exceed 4 GiB
 */
export function makeCdb(records: Iterable<readonly [key: Buffer, data: Buffer]>): Buffer {
  const tables: { hash: number; position: number }[][] = Array.from({ length: 256 }, () => [])
  const parts: Buffer[] = []
  let position = 2048
  for (const [key, data] of records) {
    const hash = cdbHash(key)
    tables[hash % 256]?.push({ hash, position })
    const lengths = Buffer.alloc(8)
    lengths.writeUInt32LE(key.length, 0)
    lengths.writeUInt32LE(data.length, 4)
    parts.push(lengths, key, data)
    position += 8 + key.length + data.length
  }
  const header = Buffer.alloc(2048)
  tables.forEach((entries, index) => {
    const slots = entries.length * 2
    const table = Buffer.alloc(slots * 8)
    for (const entry of entries) {
      let slot = (entry.hash >>> 8) % slots
      while (table.readUInt32LE(slot * 8 + 4) !== 0) slot = slot + 1 === slots ? 0 : slot + 1
      table.writeUInt32LE(entry.hash, slot * 8)
      table.writeUInt32LE(entry.position, slot * 8 + 4)
    }
    if (position + table.length > 0xffff_ffff) throw new Error('cdb file would exceed 4 GiB')
    header.writeUInt32LE(position, index * 8)
    header.writeUInt32LE(slots, index * 8 + 4)
    parts.push(table)
    position += table.length
  })
  return Buffer.concat([header, ...parts])
}
