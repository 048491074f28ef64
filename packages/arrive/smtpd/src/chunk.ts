/** A chunk of BDAT that is on its way: its bytes are counted. */
import type { Message } from './message.ts'
import type { ChunkTerms } from './replies.ts'

export class Chunk {
  readonly terms: ChunkTerms
  readonly message: Message | undefined
  #missing: number

  /** @param message - whose it is; undefined where nobody wants it */
  constructor(terms: ChunkTerms, message?: Message) {
    this.terms = terms
    this.message = message
    this.#missing = terms.sizeBytes
  }

  /** All of it has come. */
  get isComplete(): boolean {
    return this.#missing === 0
  }

  /** Take its part of the bytes, which is overwritten. @returns what follows it, and whether there is room for more */
  take(bytes: Buffer): { readonly rest: Buffer; readonly room: boolean } {
    const part = bytes.subarray(0, this.#missing)
    this.#missing -= part.length
    const room = this.message === undefined || part.length === 0 || this.message.take(part)
    return { rest: bytes.subarray(part.length), room }
  }
}
