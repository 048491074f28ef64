/** Bytes that wait to be written together. */
const holdBytes = 32_768
const holdPieces = 64 // a client that sends single bytes must not make us keep as many buffers

const nothing: Buffer = Buffer.alloc(0)

export class Hold {
  #pieces: Buffer[] = []
  #bytes = 0

  /** Keep a copy. @returns whether it is full: take() is due */
  add(piece: Buffer): boolean {
    this.#pieces.push(Buffer.from(piece))
    this.#bytes += piece.length
    return this.#bytes >= holdBytes || this.#pieces.length >= holdPieces
  }

  /** Everything, in one piece. */
  take(): Buffer {
    const pieces = this.#pieces
    if (pieces.length === 0) return nothing
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, this.#bytes)
    this.#pieces = []
    this.#bytes = 0
    return bytes
  }
}
