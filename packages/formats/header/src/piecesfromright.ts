/**
 * Pieces of text that are put together from the right end leftwards, and read from left to right.
 *
 * Blocks are filled from their ends to their starts, each piece after its length. So a million pieces take the room of
 * their bytes.
 */
import { rewrittenFieldBytes } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'

const blockBytes = 65_536
const smallestBlock = 256
const lengthBytes = 4

export class PiecesFromRight {
  /** Rightmost first. */
  readonly #blocks: Buffer[] = []
  /** Where the leftmost piece of each block starts. */
  readonly #starts: number[] = []
  #bytes = 0

  /** @throws Trouble 5.3.4 if all pieces together are beyond the limit */
  putLeft(piece: string): void {
    const size = piece.length + lengthBytes
    this.#bytes += size
    if (this.#bytes > rewrittenFieldBytes) {
      throw new Trouble('5.3.4', `header field is longer than ${rewrittenFieldBytes} bytes with its addresses completed (#5.3.4)`)
    }
    if ((this.#starts.at(-1) ?? 0) < size) this.#addBlock(size)
    const last = this.#blocks.length - 1
    const block = this.#blocks[last] as Buffer
    const start = (this.#starts[last] as number) - size
    block.writeUInt32LE(piece.length, start)
    block.write(piece, start + lengthBytes, 'latin1')
    this.#starts[last] = start
  }

  *fromLeft(): Generator<string, void> {
    for (let index = this.#blocks.length - 1; index >= 0; index -= 1) {
      const block = this.#blocks[index] as Buffer
      for (let at = this.#starts[index] as number; at < block.length; ) {
        const start = at + lengthBytes
        at = start + block.readUInt32LE(at)
        yield block.toString('latin1', start, at)
      }
    }
  }

  /** Small at first: most fields hold one address. */
  #addBlock(size: number): void {
    const usual = this.#blocks.length === 0 ? smallestBlock : blockBytes
    const block = Buffer.allocUnsafeSlow(Math.max(usual, size))
    this.#blocks.push(block)
    this.#starts.push(block.length)
  }
}
