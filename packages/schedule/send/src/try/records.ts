/**
 * The records of a channel file, read through a buffer: T recipient, not done; D recipient, done (spec §1.2).
 *
 * However many recipients there are, only a buffer of them is in memory.
 */
import { closeSync, readSync } from 'node:fs'

export interface ChannelRecord {
  /** Offset of the record in the file: where a D goes when it is done. */
  readonly position: number
  /** One character, or the empty string for an empty record. */
  readonly letter: string
  readonly recipient: string
}

const bufferBytes = 16_384
const longestRecord = 1_048_576 // no recipient is so long: the file is not what it should be

export class Records {
  #buffer: Buffer
  #fd: number
  #start = 0
  #end: number
  /** Offset of #buffer in the file. */
  #base: number

  private constructor(buffer: Buffer, end: number, fd: number, base = 0) {
    this.#buffer = buffer
    this.#end = end
    this.#fd = fd
    this.#base = base
  }

  /** Of an open file, from this offset, where a record begins; close() closes it. */
  static ofFile(fd: number, from = 0): Records {
    return new Records(Buffer.allocUnsafe(bufferBytes), 0, fd, from)
  }

  /** Of a whole file that is in memory. */
  static ofBytes(bytes: Buffer): Records {
    return new Records(bytes, bytes.length, -1)
  }

  /**
   * The next record; undefined at the end, where a last piece without its NUL does not count.
   *
   * @throws the system's error if the file cannot be read, Error if it is no channel file
   */
  next(): ChannelRecord | undefined {
    for (let searched = this.#start; ; ) {
      const found = this.#buffer.subarray(0, this.#end).indexOf(0, searched)
      if (found >= 0) return this.#take(found)
      searched = this.#end - this.#start
      if (!this.#fill()) return undefined
    }
  }

  /** Offset of the next record in the file. */
  get position(): number {
    return this.#base + this.#start
  }

  /** Whether the record at this offset can be sought: what was read before the buffer is gone. */
  reaches(position: number): boolean {
    return position >= this.#base
  }

  /** Go on with the record at this offset, which is within reach. */
  seek(position: number): void {
    this.#start = position - this.#base
    if (this.#start <= this.#end) return
    this.#base = position
    this.#start = 0
    this.#end = 0
  }

  /** Whether it is known that next() has nothing more. */
  get atEnd(): boolean {
    return this.#fd < 0 && this.#start === this.#end
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #take(end: number): ChannelRecord {
    const start = this.#start
    this.#start = end + 1
    return {
      position: this.#base + start,
      letter: start === end ? '' : this.#buffer.toString('latin1', start, start + 1),
      recipient: this.#buffer.toString('latin1', start + 1, end),
    }
  }

  /** Move what is left to the front and read more behind it; a file that gives less than asked for has ended. */
  #fill(): boolean {
    if (this.#fd < 0) return false
    const left = this.#end - this.#start
    if (left > longestRecord) throw new Error('record is too long')
    if (left === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, Buffer.allocUnsafe(left)])
    else this.#buffer.copyWithin(0, this.#start, this.#end)
    this.#base += this.#start
    this.#start = 0
    const count = readSync(this.#fd, this.#buffer, left, this.#buffer.length - left, this.#base + left)
    this.#end = left + count
    if (this.#end < this.#buffer.length) this.close()
    return count > 0
  }
}
