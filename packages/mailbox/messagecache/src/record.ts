/**
 * A record of the cache: whose it is, of which file it was made, and three texts. Numbers are little-endian.
 *
 *     4  bytes of what follows the checksum
 *     4  CRC-32 of that
 *     24 inode, size and time of change of the file: doubles
 *     2  bytes of the base name;  4, 4, 4  bytes of the texts
 *     the base name, and the texts one after the other
 */
import { crc32 } from 'node:zlib'

/** What tells one content of a file from another. */
export interface FileStamp {
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
}

/** Byte strings, as they go to a client. */
export interface Digest {
  readonly envelope: string
  /** Of BODYSTRUCTURE. Empty if it is not the same for every client. */
  readonly structure: string
  /** Fields of the header as they stand, with CRLF, without the empty line. */
  readonly fields: string
}

export interface CacheRecord {
  readonly base: string
  readonly stamp: FileStamp
  readonly digest: Digest
}

export const headBytes = 8
const fixedBytes = 38

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs
}

export function writeRecord({ base, stamp, digest }: CacheRecord): Buffer {
  const texts = [digest.envelope, digest.structure, digest.fields]
  const length = fixedBytes + base.length + texts.reduce((sum, text) => sum + text.length, 0)
  const bytes = Buffer.allocUnsafe(headBytes + length)
  bytes.writeUInt32LE(length, 0)
  let at = headBytes
  for (const number of [stamp.ino, stamp.size, stamp.mtimeMs]) at = bytes.writeDoubleLE(number, at)
  at = bytes.writeUInt16LE(base.length, at)
  for (const text of texts) at = bytes.writeUInt32LE(text.length, at)
  for (const text of [base, ...texts]) at += bytes.write(text, at, 'latin1')
  bytes.writeUInt32LE(crc32(bytes.subarray(headBytes)), 4)
  return bytes
}

/** Bytes of the record that begins at `at`, with its head; undefined if it has no sensible length. */
export function lengthAt(bytes: Buffer, at: number, most: number): number | undefined {
  if (at + headBytes > bytes.length) return undefined
  const length = bytes.readUInt32LE(at)
  return length < fixedBytes || length > most ? undefined : headBytes + length
}

/** Whether these bytes are a record, whole and as it was written. */
export function isWhole(record: Buffer): boolean {
  const names = record.readUInt16LE(headBytes + 24)
  const texts = [0, 4, 8].reduce((sum, at) => sum + record.readUInt32LE(headBytes + 26 + at), 0)
  if (headBytes + fixedBytes + names + texts !== record.length) return false
  return crc32(record.subarray(headBytes)) === record.readUInt32LE(4)
}

/** Of a record that is whole. */
export function baseIn(record: Buffer): string {
  return record.toString('latin1', headBytes + fixedBytes, headBytes + fixedBytes + record.readUInt16LE(headBytes + 24))
}

/** What a record says. Only what is asked for is made a text. */
export class Kept implements Digest {
  readonly #record: Buffer

  /** @param record - that is whole */
  constructor(record: Buffer) {
    this.#record = record
  }

  get stamp(): FileStamp {
    const [ino, size, mtimeMs] = [0, 8, 16].map((at) => this.#record.readDoubleLE(headBytes + at)) as [number, number, number]
    return { ino, size, mtimeMs }
  }

  get envelope(): string {
    return this.#record.toString('latin1', this.#endOf(0), this.#endOf(1))
  }

  get structure(): string {
    return this.#record.toString('latin1', this.#endOf(1), this.#endOf(2))
  }

  get fields(): string {
    return this.#record.toString('latin1', this.#endOf(2), this.#record.length)
  }

  /** Where so many texts end. */
  #endOf(texts: number): number {
    let end = headBytes + fixedBytes + this.#record.readUInt16LE(headBytes + 24)
    for (let at = 0; at < texts; at += 1) end += this.#record.readUInt32LE(headBytes + 26 + 4 * at)
    return end
  }
}
