/**
 * Text that may be long, kept as bytes in blocks. A million addresses are a few hundred blocks, not a million strings,
 * each of which would cost more than it says.
 */
import { Trouble } from '@yabumi/trouble'

const blockBytes = 65_536

/** A text that grows at its end. Byte strings in, blocks out. */
export class ByteText {
  readonly #limitBytes: number
  readonly #what: string
  readonly #blocks: Buffer[] = []
  #used = blockBytes
  #lengthBytes = 0

  /** @param what - subject of the complaint at the limit: `header` */
  constructor(limitBytes: number, what: string) {
    this.#limitBytes = limitBytes
    this.#what = what
  }

  get lengthBytes(): number {
    return this.#lengthBytes
  }

  /** @throws Trouble 5.3.4 beyond the limit */
  append(text: string): void {
    this.#lengthBytes += text.length
    if (this.#lengthBytes > this.#limitBytes) throw new Trouble('5.3.4', `${this.#what} is longer than ${this.#limitBytes} bytes (#5.3.4)`)
    for (let at = 0; at < text.length; ) {
      if (this.#used === blockBytes) {
        this.#blocks.push(Buffer.allocUnsafeSlow(blockBytes))
        this.#used = 0
      }
      const block = this.#blocks.at(-1) as Buffer
      const written = block.write(text.slice(at, at + blockBytes), this.#used, 'latin1')
      this.#used += written
      at += written
    }
  }

  /** All of it so far. The blocks must not be changed. */
  *blocks(): Generator<Buffer, void> {
    for (const [index, block] of this.#blocks.entries()) yield index < this.#blocks.length - 1 ? block : block.subarray(0, this.#used)
  }
}

/** Byte strings without NUL, in order, at the price of their bytes. */
export class ByteStrings implements Iterable<string> {
  readonly #text: ByteText
  /** How many there are. */
  count = 0

  /** As for ByteText. */
  constructor(limitBytes: number, what: string) {
    this.#text = new ByteText(limitBytes, what)
  }

  /** @throws Trouble 5.3.4 beyond the limit */
  push(text: string): void {
    this.count += 1
    this.#text.append(`${text}\0`)
  }

  *[Symbol.iterator](): Generator<string, void> {
    let begun = ''
    for (const block of this.#text.blocks()) {
      let start = 0
      for (let end = block.indexOf(0); end >= 0; end = block.indexOf(0, start)) {
        yield begun + block.toString('latin1', start, end)
        begun = ''
        start = end + 1
      }
      begun += block.toString('latin1', start)
    }
  }
}
