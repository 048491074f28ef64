/**
 * The replies of an SMTP server, read as they arrive (spec §2.8.5, RFC 5321 §4.2).
 *
 * As forgiving as qmail: the first three bytes of a reply are its code, whatever they are; a `-` behind them says that
 * another line follows. What a hostile server sends costs no more memory than `remoteTextBytes`.
 */
import { remoteTextBytes } from '@yabumi/limits'

export interface Reply {
  /** First three bytes as decimal digits, unchecked: 220, but also nonsense if the server talks nonsense. */
  readonly code: number
  /** Every line of the reply as a byte string, code included, LF kept, CR removed, NUL as `?`, cut at the limit. */
  readonly text: string
}

const LF = 10
const zero = 48
const hyphen = 45

/** Where the next byte stands in its line: 0 to 2 in the code, 3 behind it, then in the rest of the line. */
const behindCode = 3
const inLine = 4
const inLastLine = 5

/** Give it the bytes as they come with push(), take whole replies with next(). */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0)
  #place = 0
  #first = true
  #code = 0
  #text = ''

  /** How many bytes are waiting that next() has not looked at yet. */
  get buffered(): number {
    return this.#bytes.length
  }

  /** Add bytes from the server. The buffer belongs to the reader until next() has returned undefined. */
  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
  }

  /** The next whole reply, or undefined if it has not arrived yet. */
  next(): Reply | undefined {
    const bytes = this.#bytes
    let position = 0
    let whole = false
    while (position < bytes.length && !whole) {
      whole = this.#take(bytes[position] as number)
      position += 1
    }
    this.#keep(bytes.toString('latin1', 0, position))
    this.#bytes = bytes.subarray(position)
    if (!whole) return undefined
    const reply = { code: this.#code, text: this.#text }
    this.#code = 0
    this.#text = ''
    this.#first = true
    this.#place = 0
    return reply
  }

  /** @returns whether this byte ends the reply */
  #take(byte: number): boolean {
    if (this.#place < behindCode) {
      if (this.#first) this.#code = this.#code * 10 + byte - zero
      this.#place += 1
      return false
    }
    if (this.#place === behindCode) this.#place = byte === hyphen ? inLine : inLastLine
    if (byte !== LF) return false
    if (this.#place === inLastLine) return true
    this.#place = 0
    this.#first = false
    return false
  }

  #keep(bytes: string): void {
    const room = remoteTextBytes - this.#text.length
    if (room > 0) this.#text += bytes.replaceAll('\r', '').replaceAll('\0', '?').slice(0, room)
  }
}
