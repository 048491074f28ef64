/** A message's bytes as IMAP sends them: every line ends with CRLF, and there is no NUL but in BINARY. */

const LF = 10
const CR = 13

/** Bytes come in any pieces; each bare LF gets a CR, and NUL becomes 0x80, as a literal may not hold it. */
export class CrlfConverter {
  #last = 0
  readonly #keepsNul: boolean

  /** @param keepsNul - for a literal that may hold NUL */
  constructor(keepsNul = false) {
    this.#keepsNul = keepsNul
  }

  /** At most twice as long; the same bytes where nothing is to be done. */
  push(chunk: Buffer): Buffer {
    const bare = this.#bareIn(chunk)
    const hasNul = !this.#keepsNul && chunk.indexOf(0) >= 0
    if (bare === 0 && !hasNul) {
      this.#last = chunk.at(-1) ?? this.#last
      return chunk
    }
    const out = Buffer.allocUnsafe(chunk.length + bare)
    let to = 0
    for (const byte of chunk) {
      if (byte === LF && this.#last !== CR) out[to++] = CR
      out[to++] = byte === 0 && hasNul ? 0x80 : byte
      this.#last = byte
    }
    return out
  }

  #bareIn(chunk: Buffer): number {
    let count = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) !== CR) count += 1
    }
    return count
  }
}

/** All of some bytes at once. */
export function toCrlf(bytes: Buffer, keepsNul = false): Buffer {
  return new CrlfConverter(keepsNul).push(bytes)
}
