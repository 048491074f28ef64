/**
 * Records: how many bytes follow, in two bytes (big endian), then fields, each a byte string followed by a NUL.
 *
 * A reader asks for exactly the bytes that are missing. What follows a record may be a descriptor, which a read beyond
 * the record would throw away.
 */
import { loginRecordBytes } from '@yabumi/limits'

export type LoginRecord = readonly string[]

const lengthBytes = 2

/** @throws RangeError if a field holds a NUL, or all of them are longer than a record may be */
export function encodeRecord(fields: LoginRecord): Buffer {
  if (fields.some((field) => field.includes('\0'))) throw new RangeError('a field of a record holds a NUL')
  const body = fields.map((field) => `${field}\0`).join('')
  if (body.length > loginRecordBytes) throw new RangeError(`a record of ${body.length} bytes`)
  const bytes = Buffer.from(`00${body}`, 'latin1')
  bytes.writeUInt16BE(body.length)
  return bytes
}

/** Takes one record after the other from a stream. */
export class RecordReader {
  #buffer = Buffer.alloc(lengthBytes)
  #filled = 0
  #isBody = false

  /** Where the next bytes go; never more than belong to this record. */
  get room(): Buffer {
    return this.#buffer.subarray(this.#filled)
  }

  /**
   * @param length - how many bytes have come
   * @returns the record, once it is whole
   * @throws RangeError if it is none
   */
  take(length: number): LoginRecord | undefined {
    this.#filled += length
    if (this.#filled < this.#buffer.length) return undefined
    const whole = this.#buffer
    this.#filled = 0
    if (!this.#isBody) {
      const bodyBytes = whole.readUInt16BE()
      if (bodyBytes === 0 || bodyBytes > loginRecordBytes) throw new RangeError(`a record of ${bodyBytes} bytes`)
      this.#isBody = true
      this.#buffer = Buffer.alloc(bodyBytes)
      return undefined
    }
    this.#isBody = false
    this.#buffer = Buffer.alloc(lengthBytes)
    const fields = whole.toString('latin1').split('\0')
    if (fields.pop() !== '') throw new RangeError('a record without its last NUL')
    return fields
  }
}
