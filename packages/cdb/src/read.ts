import { closeSync, openSync, readSync } from 'node:fs'
import { cdbHash } from './hash.ts'

/** Where the records begin. */
const headerBytes = 2048

/** Look-ups in one open cdb file. The file is never changed in place, so an open reader sees one state of it. */
export class CdbReader {
  readonly #fd: number

  /** @throws the system's error if the file cannot be opened */
  constructor(path: string) {
    this.#fd = openSync(path, 'r')
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

  close(): void {
    closeSync(this.#fd)
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.min(length, 1 << 24))
    if (bytes.length < length || readSync(this.#fd, bytes, 0, length, position) !== length) throw new Error('cdb file is damaged')
    return bytes
  }
}

/**
 * One look-up in a file that may not exist.
 *
 * @returns the data, or undefined if there is no such file or no such key
 * @throws the system's error, or Error for a damaged file
 */
export function cdbFind(path: string, key: Buffer): Buffer | undefined {
  let reader: CdbReader
  try {
    reader = new CdbReader(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return reader.find(key)
  } finally {
    reader.close()
  }
}
