/** Make LF of each CR LF, wherever the stream is cut into pieces. Every other CR stays (spec §5.2). */

const linefeed = 10
const carriageReturn = 13

/** The bytes of one message, in pieces of any size. */
export class LineEndDecoder {
  /** The last piece ended in a CR, and nobody knows yet what follows it. */
  #openReturn = false

  /** @returns the bytes that are certain; they may lie in the piece's own memory */
  decode(piece: Buffer): Buffer {
    const bytes = this.#openReturn ? Buffer.concat([Buffer.from([carriageReturn]), piece]) : piece
    let to = 0
    for (let at = 0; at < bytes.length; ) {
      const next = bytes.indexOf(carriageReturn, at)
      const end = next < 0 ? bytes.length : next
      if (to < at) bytes.copyWithin(to, at, end)
      to += end - at
      at = end
      if (at >= bytes.length - 1) break
      if (bytes[at + 1] !== linefeed) bytes[to++] = carriageReturn
      at += 1
    }
    this.#openReturn = bytes[bytes.length - 1] === carriageReturn
    return bytes.subarray(0, to)
  }

  /** A CR that nothing has followed. */
  rest(): Buffer {
    return this.#openReturn ? Buffer.from([carriageReturn]) : Buffer.alloc(0)
  }
}
