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
    const converted = bare.length === 0 ? chunk : this.#withCr(chunk, bare)
    this.#last = chunk.at(-1) ?? this.#last
    return this.#keepsNul ? converted : withoutNul(converted)
  }

  /** Where the LFs are that have no CR. */
  #bareIn(chunk: Buffer): number[] {
    const found: number[] = []
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) !== CR) found.push(at)
    }
    return found
  }

  #withCr(chunk: Buffer, bare: readonly number[]): Buffer {
    const out = Buffer.allocUnsafe(chunk.length + bare.length)
    let from = 0
    let to = 0
    for (const at of bare) {
      to += chunk.copy(out, to, from, at)
      out[to++] = CR
      from = at
    }
    chunk.copy(out, to, from)
    return out
  }
}

function withoutNul(bytes: Buffer): Buffer {
  let at = bytes.indexOf(0)
  if (at < 0) return bytes
  const out = Buffer.from(bytes)
  for (; at >= 0; at = out.indexOf(0, at)) out[at] = 0x80
  return out
}

/** All of some bytes at once. */
export function toCrlf(bytes: Buffer, keepsNul = false): Buffer {
  return new CrlfConverter(keepsNul).push(bytes)
}
