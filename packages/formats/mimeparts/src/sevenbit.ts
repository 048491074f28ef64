/**
 * Charsets of seven bits that the WHATWG's table leaves out. UTF-7 (RFC 2152), HZ (RFC 1843), ISO-2022-KR (RFC 1557),
 * and of ISO-2022-CN (RFC 1922) the characters of GB 2312.
 *
 * Each byte is looked at once. State that a text may end in is kept for its next piece.
 */
import { TextDecoder } from 'node:util'

/** As much of TextDecoder as readers of texts need. Without `stream` the text has ended. */
export interface TextSource {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string
}

const [sequence, shiftOut, shiftIn, newline, tilde, open, close] = [0x1b, 0x0e, 0x0f, 0x0a, 0x7e, 0x7b, 0x7d]

/** Two bytes a character between marks: with their high bits they are a charset of the table. */
export class Shifted implements TextSource {
  readonly #isHz: boolean
  readonly #table: TextDecoder
  #isShifted = false
  /** Bytes of a mark that has begun: `~`, or an escape sequence, of which this many follow. */
  #isMarked = false
  #escapeLeft = 0

  constructor(kind: 'hz' | 'iso-2022', table: 'gbk' | 'euc-kr') {
    this.#isHz = kind === 'hz'
    this.#table = new TextDecoder(table)
  }

  decode(bytes: Uint8Array = new Uint8Array(), options: { readonly stream?: boolean } = {}): string {
    const out = Buffer.allocUnsafe(bytes.length)
    let length = 0
    for (const byte of bytes) {
      const found = this.#isHz ? this.#ofHz(byte) : this.#ofIso(byte)
      if (found !== undefined) out[length++] = found
    }
    return this.#table.decode(out.subarray(0, length), { stream: options.stream === true })
  }

  #ofHz(byte: number): number | undefined {
    if (this.#isMarked) {
      this.#isMarked = false
      if (byte === open) this.#isShifted = true
      else if (byte === close) this.#isShifted = false
      return byte === open || byte === close || byte === newline ? undefined : byte
    }
    this.#isMarked = byte === tilde
    return this.#isMarked ? undefined : this.#shifted(byte)
  }

  /** Escape sequences only say which charset is meant: `ESC $ ) C`. */
  #ofIso(byte: number): number | undefined {
    if (byte === sequence) this.#escapeLeft = 4
    if (this.#escapeLeft > 0) {
      this.#escapeLeft -= 1
      return undefined
    }
    if (byte !== shiftOut && byte !== shiftIn) return this.#shifted(byte)
    this.#isShifted = byte === shiftOut
    return undefined
  }

  #shifted(byte: number): number {
    if (byte === newline) this.#isShifted = false
    return this.#isShifted && byte > 0x20 && byte < 0x7f ? byte | 0x80 : byte
  }
}

const base64 = new Map(
  Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (sign, at) => [sign.charCodeAt(0), at]),
)
const [plus, minus] = [0x2b, 0x2d]

/** UTF-16 in base64 between `+` and whatever is no base64; `+-` is a plus. */
export class Utf7 implements TextSource {
  #isShifted = false
  #isFirst = false
  #bits = 0
  #count = 0

  decode(bytes: Uint8Array = new Uint8Array()): string {
    const units: string[] = []
    for (const byte of bytes) {
      const value = this.#isShifted ? base64.get(byte) : undefined
      if (value !== undefined) this.#take(value, units)
      else if (this.#isShifted) this.#end(byte, units)
      else if (byte === plus) this.#begin()
      else units.push(byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')
    }
    return units.join('')
  }

  #begin(): void {
    this.#isShifted = true
    this.#isFirst = true
    this.#bits = 0
    this.#count = 0
  }

  #take(value: number, units: string[]): void {
    this.#isFirst = false
    this.#bits = ((this.#bits << 6) | value) & 0x3f_ffff // 15 bits are left at most, and 6 come
    this.#count += 6
    if (this.#count < 16) return
    this.#count -= 16
    units.push(String.fromCharCode((this.#bits >> this.#count) & 0xffff))
  }

  #end(byte: number, units: string[]): void {
    this.#isShifted = false
    if (byte !== minus) units.push(byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')
    else if (this.#isFirst) units.push('+')
  }
}
