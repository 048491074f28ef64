/**
 * The message of a delivery: an open file, always read from its start, whatever programs do to its position.
 *
 * A small message is read once and kept for all that want it; a long one is read piece by piece for each.
 */
import { fstatSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'

const smallBytes = 65_536 // one read, one write; longer ones would hold up other deliveries
const pieceBytes = 131_072

const readPiece = promisify(read)

export class Message {
  readonly fd: number
  #bytes: Buffer | undefined
  #isSmall: boolean | undefined

  /** @param fd - open for reading; stays the caller's */
  constructor(fd: number) {
    this.fd = fd
  }

  /**
   * All of the message if it is small, else its pieces from the start. A piece is there until the next one is asked for:
   * one buffer serves for all, because garbage of this size would let the process grow.
   *
   * @throws the system's error if it cannot be read (for a long one from the iteration); ESPIPE if it is no file
   */
  bytes(): Buffer | AsyncIterable<Buffer> {
    if (this.#isSmall === undefined) this.#readSmall()
    return this.#bytes ?? this.#pieces()
  }

  #readSmall(): void {
    const { size } = fstatSync(this.fd)
    const buffer = Buffer.allocUnsafe(Math.min(size, smallBytes) + 1)
    const length = readSync(this.fd, buffer, 0, buffer.length, 0)
    this.#isSmall = length < buffer.length // there was no more
    if (this.#isSmall) this.#bytes = buffer.subarray(0, length)
  }

  async *#pieces(): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafe(pieceBytes)
    for (let position = 0; ; ) {
      const { bytesRead } = await readPiece(this.fd, buffer, 0, pieceBytes, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }
}
