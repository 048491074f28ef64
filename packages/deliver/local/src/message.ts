/**
 * The message of a delivery: its bytes, or an open file that is always read from its start, whatever programs do to its
 * position.
 *
 * A small message is read once and kept for all that want it; a long one is read piece by piece for each.
 */
import { closeSync, fstatSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { sealedFile } from '@yabumi/posix'

const smallBytes = 65_536 // one read, one write; longer ones would hold up other deliveries
const pieceBytes = 131_072

const readPiece = promisify(read)

export class Message {
  readonly #given: number | undefined
  #bytes: Buffer | undefined
  #isSmall: boolean | undefined
  #made: number | undefined

  /** @param content - a descriptor is open for reading, and stays the caller's */
  constructor(content: Buffer | number) {
    if (typeof content === 'number') this.#given = content
    else {
      this.#bytes = content
      this.#isSmall = true
    }
  }

  /** For a program: until close(), and at any position. @throws the system's error if there is no memory for it */
  descriptor(): number {
    if (this.#given !== undefined) return this.#given
    this.#made ??= sealedFile('message', this.#bytes as Buffer)
    return this.#made
  }

  close(): void {
    if (this.#made !== undefined) closeSync(this.#made)
    this.#made = undefined
  }

  /**
   * All of the message if it is small, else its pieces from the start. A piece is there until the next one is asked for:
   * one buffer serves for all, because garbage of this size would let the process grow.
   *
   * @throws the system's error if it cannot be read (for a long one from the iteration); ESPIPE if it is no file
   */
  bytes(): Buffer | AsyncIterable<Buffer> {
    const fd = this.#given as number
    if (this.#isSmall === undefined) this.#readSmall(fd)
    return this.#bytes ?? this.#pieces(fd)
  }

  #readSmall(fd: number): void {
    const { size } = fstatSync(fd)
    const buffer = Buffer.allocUnsafe(Math.min(size, smallBytes) + 1)
    const length = readSync(fd, buffer, 0, buffer.length, 0)
    this.#isSmall = length < buffer.length // there was no more
    if (this.#isSmall) this.#bytes = buffer.subarray(0, length)
  }

  async *#pieces(fd: number): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafe(pieceBytes)
    for (let position = 0; ; ) {
      const { bytesRead } = await readPiece(fd, buffer, 0, pieceBytes, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }
}
