/**
 * The message as the wire has it between DATA and the final dot (spec §2.8.5, RFC 5321 §4.5.2).
 *
 * A message in the queue ends its lines with LF. On the wire every line ends with CRLF: LF becomes CRLF, and CRLF stays
 * one CRLF. A CR by itself becomes CRLF, because a next host that takes it for a line end must find there what we
 * meant. There is one exception, as the reference has it. The second CR of CR CR LF stays a CR, harmless since nothing
 * but CRLF follows it. The dot at the start of a line is doubled after *every* line end written, so no message can hold
 * an end of data.
 */
const LF = 10
const CR = 13
const dot = 46
const lineEnd = Buffer.from('\r\n')
const endOfData = Buffer.from('.\r\n')
const nothing = Buffer.alloc(0)

/** Give it the message in pieces of any size; what encode() returns goes to the wire in that order. */
export class DataEncoder {
  readonly #doublesDots: boolean
  #atLineStart = true
  /** CRs that the last bytes were: 1, written as CRLF already, so an LF behind it is part of it; 2, the second not written. */
  #returns: 0 | 1 | 2 = 0

  /** @param dots - as they are: for signers, who see the message as it will be received, without the dot that ends it */
  constructor(dots: 'doubled' | 'as they are' = 'doubled') {
    this.#doublesDots = dots === 'doubled'
  }

  /** The wire form of the next piece. `piece` is left as it is. */
  encode(piece: Buffer): Buffer {
    const wire = Buffer.allocUnsafe(2 * piece.length + 2)
    if (this.#returns > 0 || piece.includes(CR)) return this.#encodeBytes(piece, wire)
    return this.#encodeLines(piece, wire)
  }

  /**
   * What ends the message: the dot, or undefined if the message's last line is partial.
   *
   * SMTP cannot say that a line has no end; the reference fails such a message (spec §2.8.2) and drops the connection.
   */
  end(): Buffer | undefined {
    const end = this.#doublesDots ? endOfData : nothing
    if (this.#returns === 2) return Buffer.concat([lineEnd, end])
    return this.#atLineStart ? end : undefined
  }

  /** The ordinary case, without CR: whole lines are copied. */
  #encodeLines(piece: Buffer, wire: Buffer): Buffer {
    let length = 0
    let start = 0
    while (start < piece.length) {
      if (this.#doublesDots && this.#atLineStart && piece[start] === dot) wire[length++] = dot
      const end = piece.indexOf(LF, start)
      this.#atLineStart = end >= 0
      const stop = end < 0 ? piece.length : end
      length += piece.copy(wire, length, start, stop)
      if (end >= 0) {
        wire[length++] = CR
        wire[length++] = LF
      }
      start = stop + 1
    }
    return wire.subarray(0, length)
  }

  #encodeBytes(piece: Buffer, wire: Buffer): Buffer {
    let length = 0
    for (const byte of piece) {
      const returns = this.#returns
      this.#returns = 0
      if (byte === LF && returns === 1) continue
      if (byte === CR && returns === 1) {
        this.#returns = 2
        continue
      }
      if (returns === 2) wire[length++] = CR
      if (byte === CR || byte === LF) {
        wire[length++] = CR
        wire[length++] = LF
        this.#atLineStart = true
        this.#returns = byte === CR ? 1 : 0
        continue
      }
      if (returns === 2) wire[length++] = LF
      if (this.#doublesDots && this.#atLineStart && byte === dot) wire[length++] = dot
      wire[length++] = byte
      this.#atLineStart = false
    }
    return wire.subarray(0, length)
  }
}
