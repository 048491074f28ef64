/**
 * Transfer encodings, undone (RFC 2045 §6.7 and §6.8).
 *
 * For readers, what is broken stays as it is or is left out. BINARY may not guess, so it asks isBroken.
 */

/** How a part is encoded; `unknown` is for a word that nobody knows. */
export type TransferEncoding = 'identity' | 'quoted-printable' | 'base64' | 'unknown'

/** @param word - of the field, in any case; undefined for none */
export function transferEncoding(word: string | undefined): TransferEncoding {
  switch (word?.toLowerCase()) {
    case undefined:
    case '7bit':
    case '8bit':
    case 'binary':
      return 'identity'
    case 'quoted-printable':
      return 'quoted-printable'
    case 'base64':
      return 'base64'
    default:
      return 'unknown'
  }
}

/** Undoes an encoding of bytes in any pieces. */
export interface Decoder {
  push(chunk: Buffer): Buffer
  finish(): Buffer
  /** Something was no right encoding. */
  readonly isBroken: boolean
}

const nothing = Buffer.alloc(0)

/** What is unknown stays as it is. */
export function decoderFor(encoding: TransferEncoding): Decoder {
  if (encoding === 'base64') return new Base64Decoder()
  if (encoding === 'quoted-printable') return new QuotedPrintableDecoder()
  return { push: (chunk) => chunk, finish: () => nothing, isBroken: encoding === 'unknown' }
}

/** All of some bytes at once. */
export function decodeTransfer(bytes: Buffer, encoding: TransferEncoding): { readonly bytes: Buffer; readonly isBroken: boolean } {
  const decoder = decoderFor(encoding)
  const decoded = Buffer.concat([decoder.push(bytes), decoder.finish()])
  return { bytes: decoded, isBroken: decoder.isBroken }
}

const values = new Int8Array(256).fill(-1)
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  values[letter.charCodeAt(0)] = value
}

class Base64Decoder implements Decoder {
  isBroken = false
  #bits = 0
  #count = 0
  #padding = 0

  push(chunk: Buffer): Buffer {
    const out = Buffer.allocUnsafe(Math.ceil(chunk.length / 4) * 3 + 3)
    let to = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      const value = values[byte] as number
      if (value < 0) {
        if (byte === 61) this.#pad()
        else if (byte !== 10 && byte !== 13 && byte !== 32 && byte !== 9) this.isBroken = true
        continue
      }
      if (this.#padding > 0) {
        this.isBroken ||= this.#padding + this.#count < 4
        this.#restart()
      }
      this.#bits = ((this.#bits << 6) | value) & 0xffffff
      this.#count += 1
      if (this.#count === 1) continue
      out[to++] = (this.#bits >> (8 - 2 * this.#count)) & 0xff
      if (this.#count === 4) this.#restart()
    }
    return out.subarray(0, to)
  }

  finish(): Buffer {
    this.isBroken ||= this.#count > 0 && this.#count + this.#padding !== 4
    return nothing
  }

  #pad(): void {
    this.#padding += 1
    this.isBroken ||= this.#count < 2 || this.#count + this.#padding > 4
  }

  #restart(): void {
    this.#bits = 0
    this.#count = 0
    this.#padding = 0
  }
}

/** The value of a hexadecimal digit; NaN of none. */
function hex(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN
}

/** White space that a line may end with; a longer row stays, so that it needs no memory. */
const longestSpace = 1_024

class QuotedPrintableDecoder implements Decoder {
  isBroken = false
  /** What may be the beginning of an escape, or white space at the end of a line. */
  #held: Buffer = nothing

  push(chunk: Buffer): Buffer {
    return this.#decode(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false)
  }

  finish(): Buffer {
    return this.#decode(this.#held, true)
  }

  #decode(bytes: Buffer, isEnd: boolean): Buffer {
    const out = Buffer.allocUnsafe(bytes.length)
    let to = 0
    let at = 0
    this.#held = nothing
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (byte !== 61 && byte !== 32 && byte !== 9) {
        this.isBroken ||= byte === 13 && at + 1 < bytes.length && bytes[at + 1] !== 10
        out[to++] = byte
        at += 1
        continue
      }
      let end = byte === 61 ? at + 1 : at
      while (end < bytes.length && end - at < longestSpace && (bytes[end] === 32 || bytes[end] === 9)) end += 1
      if (bytes[end] === 13 && (bytes[end + 1] === 10 || end + 1 === bytes.length)) end += 1
      const isCut = end >= bytes.length || (byte === 61 && end === at + 1 && end + 1 >= bytes.length)
      if (isCut && !isEnd) {
        this.#held = Buffer.from(bytes.subarray(at))
        break
      }
      const atLineEnd = bytes[end] === 10 || end >= bytes.length
      if (byte === 61) {
        if (atLineEnd) {
          this.isBroken ||= end >= bytes.length
          at = end + 1
        } else {
          const value = hex(bytes[at + 1]) * 16 + hex(bytes[at + 2])
          this.isBroken ||= Number.isNaN(value)
          out[to++] = Number.isNaN(value) ? byte : value
          at += Number.isNaN(value) ? 1 : 3
        }
        continue
      }
      if (bytes[end - 1] === 13) end -= 1
      if (!atLineEnd) to += bytes.copy(out, to, at, end)
      at = end
    }
    return out.subarray(0, to)
  }
}
