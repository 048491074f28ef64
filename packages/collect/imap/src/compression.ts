/**
 * Both directions of a connection that is compressed (RFC 4978).
 *
 * Memory  what one read brought, imapInflatedBytes of it unpacked at a time, and the two windows: 0.2 MB
 * Bound   nothing more is unpacked before the commands of what was unpacked have been carried out
 */
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'
import { imapInflatedBytes } from '@yabumi/limits'

/** What a client sends, unpacked piece by piece. */
export class Inflation {
  /** What came cannot be unpacked: the connection is of no more use. */
  isBroken = false
  readonly #stream: InflateRaw
  #isBusy = false
  #wake: () => void = () => undefined

  constructor() {
    const half = imapInflatedBytes / 2 // a piece is what waits to be read, half of it at most, and what was unpacked meanwhile
    this.#stream = createInflateRaw({ chunkSize: half })
    this.#stream.on('readable', () => this.#wake())
    this.#stream.on('error', () => {
      this.isBroken = true
      this.#wake()
    })
  }

  /** Add bytes: what came before has been taken. */
  push(bytes: Buffer): void {
    this.#isBusy = true
    this.#stream.write(bytes, () => {
      this.#isBusy = false
      this.#wake()
    })
  }

  /** The next piece, of imapInflatedBytes at most; undefined when more must come. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const piece = this.#stream.read() as Buffer | null
      if (piece !== null) return piece
      if (!this.#isBusy || this.isBroken) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#stream.destroy()
  }
}

/** What a client is sent. Each answer can be read when it comes. */
export class Deflation {
  readonly #stream: DeflateRaw

  /** @param send - gets what is to be sent */
  constructor(send: (bytes: Buffer) => void) {
    this.#stream = createDeflateRaw({ windowBits: 13, memLevel: 5 }).on('data', send)
  }

  /** Bytes that are not packed yet. */
  get waiting(): number {
    return this.#stream.writableLength
  }

  /** @returns when everything was handed over */
  async write(bytes: Buffer): Promise<void> {
    this.#stream.write(bytes)
    await new Promise<void>((resolve) => this.#stream.flush(constants.Z_SYNC_FLUSH, resolve))
  }

  /** Nothing more comes. @returns when everything was handed over */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.once('end', resolve).end())
  }
}
