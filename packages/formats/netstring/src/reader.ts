/**
 * Read netstrings as they arrive: a long one in pieces, never as a whole.
 *
 * A netstring may hold others. Between enter() and the end of what was entered, no byte outside of it is taken.
 */

/** `ended`: the input stopped short; `malformed`: that is no netstring; `long`: nobody would send that much. */
type Kind = 'ended' | 'malformed' | 'long'

/** The input cannot be read further. */
export class NetstringTrouble extends Error {
  override readonly name = 'NetstringTrouble'
  readonly kind: Kind

  constructor(kind: Kind) {
    super(`netstring ${kind}`)
    this.kind = kind
  }
}

/** A length may not grow beyond ten times this, as in the reference programs. */
const longLength = 200_000_000
const comma = 44
const colon = 58
const digitZero = 48

export class NetstringReader {
  readonly #source: AsyncIterator<Buffer>
  #chunk: Buffer = Buffer.alloc(0)
  /** How many bytes are left of the netstring that was entered. */
  #left = Number.POSITIVE_INFINITY

  /** @param source - non-empty buffers, which belong to the reader from then on */
  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** What is left of the netstring that was entered. */
  get left(): number {
    return this.#left
  }

  /** Something has come that was not asked for yet. */
  get hasMore(): boolean {
    return this.#chunk.length > 0
  }

  /** From here on no more than this many bytes are taken. */
  enter(bytes: number): void {
    this.#left = bytes
  }

  /** What was entered is behind us. */
  leave(): void {
    this.#left = Number.POSITIVE_INFINITY
  }

  /** The length that a netstring begins with, and its colon. @throws NetstringTrouble */
  async length(): Promise<number> {
    for (let length = 0; ; ) {
      const byte = await this.byte()
      if (byte === colon) return length
      if (length > longLength) throw new NetstringTrouble('long')
      const digit = byte - digitZero
      if (digit < 0 || digit > 9) throw new NetstringTrouble('malformed')
      length = 10 * length + digit
    }
  }

  /** The comma that a netstring ends with. @throws NetstringTrouble */
  async comma(): Promise<void> {
    if ((await this.byte()) !== comma) throw new NetstringTrouble('malformed')
  }

  /** @throws NetstringTrouble */
  async byte(): Promise<number> {
    return (await this.#some(1))[0] as number
  }

  /** So many bytes, in pieces. @throws NetstringTrouble */
  async *pieces(bytes: number): AsyncGenerator<Buffer, void> {
    for (let rest = bytes; rest > 0; ) {
      const piece = await this.#some(rest)
      rest -= piece.length
      yield piece
    }
  }

  /** So many bytes as a byte string; if they are more than `most`, they are read all the same. @throws NetstringTrouble */
  async text(bytes: number, most: number): Promise<string | undefined> {
    let text = ''
    for await (const piece of this.pieces(bytes)) if (bytes <= most) text += piece.toString('latin1')
    return bytes <= most ? text : undefined
  }

  /** What there is at hand, at least one byte and at most so many. */
  async #some(most: number): Promise<Buffer> {
    if (this.#left === 0) throw new NetstringTrouble('malformed')
    if (this.#chunk.length === 0) {
      const { value, done } = await this.#source.next()
      if (done) throw new NetstringTrouble('ended')
      this.#chunk = value
    }
    const length = Math.min(most, this.#left, this.#chunk.length)
    const piece = this.#chunk.subarray(0, length)
    this.#chunk = this.#chunk.subarray(length)
    this.#left -= length
    return piece
  }
}
