/**
 * Look-ups in the bytes of one cdb file.
 *
 * Trust   no number in the file: a damaged one ends in an Error, and no length in it takes more than 16 MiB
 */
import { cdbHash } from './hash.ts'

/** Where the records begin. */
const headerBytes = 2048
/** No key and no data of ours is longer: what says so is damaged, and worth no memory. */
const longest = 1 << 24

/** The bytes of the file from a position on, so many or as many as there are. */
export type ReadAt = (position: number, length: number) => Buffer

/** A file that is read as it is asked, and of which nothing is kept. */
export class CdbReader {
  readonly #readAt: ReadAt

  constructor(readAt: ReadAt) {
    this.#readAt = readAt
  }

  /**
   * The data of the first record with this key, or undefined.
   *
   * @throws Error if the file is not a cdb or is cut short
   */
  find(key: Buffer): Buffer | undefined {
    const hash = cdbHash(key)
    const pointer = this.#read((hash % 256) * 8, 8)
    const table = pointer.readUInt32LE(0)
    const slots = pointer.readUInt32LE(4)
    let slot = slots === 0 ? 0 : (hash >>> 8) % slots
    for (let tried = 0; tried < slots; tried += 1) {
      const entry = this.#read(table + slot * 8, 8)
      const position = entry.readUInt32LE(4)
      if (position === 0) return undefined
      if (entry.readUInt32LE(0) === hash) {
        const lengths = this.#read(position, 8)
        const keyLength = lengths.readUInt32LE(0)
        if (keyLength === key.length && this.#read(position + 8, keyLength).equals(key)) {
          return this.#read(position + 8 + keyLength, lengths.readUInt32LE(4))
        }
      }
      slot = slot + 1 === slots ? 0 : slot + 1
    }
    return undefined
  }

  /** Every key in the order of the file, one that was put in twice twice. @throws Error if the file is not a cdb or is cut short */
  *keys(): Generator<Buffer, void> {
    const end = this.#read(0, 4).readUInt32LE(0) // the tables follow the records
    for (let position = headerBytes; position < end; ) {
      const lengths = this.#read(position, 8)
      const keyLength = lengths.readUInt32LE(0)
      yield this.#read(position + 8, keyLength)
      position += 8 + keyLength + lengths.readUInt32LE(4)
    }
  }

  #read(position: number, length: number): Buffer {
    const bytes = length > longest ? undefined : this.#readAt(position, length)
    if (bytes?.length !== length) throw new Error('cdb file is damaged')
    return bytes
  }
}
