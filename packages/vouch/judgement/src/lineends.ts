/** Line ends as the wire has them: a message may come as the queue has it, with LF, or with CRLF. */
const LF = 10
const CR = 13

/** Makes each LF a CRLF; in a message of `any` form, each that follows no CR. All else stays. */
export class WireLineEnds {
  readonly #form: 'queue' | 'any'
  #afterReturn = false

  /** @param form - `queue`: a CR before an LF belongs to the line; `any`: to its end */
  constructor(form: 'queue' | 'any') {
    this.#form = form
  }

  /** @returns the same piece where nothing is to do */
  convert(piece: Buffer): Buffer {
    let bare = 0
    for (let at = piece.indexOf(LF); at >= 0; at = piece.indexOf(LF, at + 1)) if (!this.#followsReturn(piece, at)) bare += 1
    const converted = bare === 0 ? piece : this.#withReturns(piece, bare)
    if (piece.length > 0) this.#afterReturn = piece.at(-1) === CR
    return converted
  }

  #withReturns(piece: Buffer, bare: number): Buffer {
    const wire = Buffer.allocUnsafe(piece.length + bare)
    let length = 0
    let start = 0
    for (let at = piece.indexOf(LF); at >= 0; at = piece.indexOf(LF, at + 1)) {
      length += piece.copy(wire, length, start, at)
      if (!this.#followsReturn(piece, at)) wire[length++] = CR
      wire[length++] = LF
      start = at + 1
    }
    piece.copy(wire, length, start)
    return wire
  }

  #followsReturn(piece: Buffer, at: number): boolean {
    if (this.#form === 'queue') return false
    return at === 0 ? this.#afterReturn : piece[at - 1] === CR
  }
}
