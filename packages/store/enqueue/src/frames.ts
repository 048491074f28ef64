/**
 * Frames on the queue socket: one letter, the length of the body as three bytes (big endian), the body.
 * What the letters mean is in packages/store/queue/README.md.
 */
import { queueFrameBytes } from '@yabumi/limits'

export type Letter = 'S' | 'P' | 'M' | 'E' | 'C' | 'A' | 'Q' | 'R'

const headerBytes = 4
const letters = new Map<number, Letter>((['S', 'P', 'M', 'E', 'C', 'A', 'Q', 'R'] as const).map((letter) => [letter.charCodeAt(0), letter]))
/** Frames whose body is handed on as it comes; the others are short, and handed on whole. */
const streams = new Set<Letter>(['P', 'M', 'E'])
const shortBytes = 512

/** What came in is not a frame; the connection cannot be used any more. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** The first bytes of a frame. @param length - of the body, at most queueFrameBytes */
export function frameHeader(letter: Letter, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes)
  header.writeUInt32BE(letter.charCodeAt(0) * 0x1000000 + length)
  return header
}

/** A whole short frame. */
export function frame(letter: Letter, body = ''): Buffer {
  const bytes = Buffer.from(`0000${body}`, 'latin1')
  bytes.writeUInt32BE(letter.charCodeAt(0) * 0x1000000 + body.length)
  return bytes
}

/** Takes a stream apart into frames, wherever it was cut. */
export class FrameReader {
  readonly #take: (letter: Letter, body: Buffer) => void
  readonly #header = Buffer.alloc(headerBytes)
  #headerLength = 0
  #letter: Letter = 'S'
  #remaining = 0
  #short: Buffer = Buffer.alloc(0)

  /** @param take - gets each body; those of P, M and E in one or more pieces */
  constructor(take: (letter: Letter, body: Buffer) => void) {
    this.#take = take
  }

  /** @throws FrameError, and what take throws; either way the reader is spent */
  read(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerLength < headerBytes) {
        at += this.#readHeader(chunk, at)
        if (this.#headerLength < headerBytes || this.#remaining > 0) continue
        this.#finish(chunk.subarray(at, at))
      } else {
        const piece = chunk.subarray(at, at + this.#remaining)
        at += piece.length
        this.#remaining -= piece.length
        if (streams.has(this.#letter)) this.#take(this.#letter, piece)
        else if (this.#remaining > 0 || this.#short.length > 0) this.#short = Buffer.concat([this.#short, piece])
        if (this.#remaining === 0) this.#finish(piece)
      }
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const used = chunk.copy(this.#header, this.#headerLength, at, at + headerBytes - this.#headerLength)
    this.#headerLength += used
    if (this.#headerLength === headerBytes) {
      const letter = letters.get(this.#header[0] as number)
      if (letter === undefined) throw new FrameError(`no frame has the letter ${this.#header[0]}`)
      this.#letter = letter
      this.#remaining = this.#header.readUIntBE(1, 3)
      const limit = streams.has(letter) ? queueFrameBytes : shortBytes
      if (this.#remaining > limit) throw new FrameError(`frame ${letter} of ${this.#remaining} bytes`)
    }
    return used
  }

  #finish(piece: Buffer): void {
    const short = this.#short
    this.#headerLength = 0
    if (streams.has(this.#letter)) return
    if (short.length > 0) this.#short = Buffer.alloc(0)
    this.#take(this.#letter, short.length > 0 ? short : piece)
  }
}
