/**
 * A message that is kept until it is known what goes on top of it, or that it is refused.
 *
 * Memory  its beginning, up to a limit; all that follows is in a file, which has no name any more once it is open
 * Synced  nothing: the client has heard of nothing yet
 * Crash   leaves at most an empty file
 */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { heldMessageBytes } from '@yabumi/limits'
import { errorText, Trouble } from '@yabumi/trouble'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants
const pieceBytes = 65_536

export class HeldMessage {
  readonly #directories: readonly string[]
  #pieces: Buffer[] = []
  #bytes = 0
  #file: number | undefined
  #fileBytes = 0
  #dropped = false

  /** @param directories - where the file may be, the best one first */
  constructor(directories: readonly string[]) {
    this.#directories = directories
  }

  /** @param bytes - the next of the message; may be overwritten afterwards. @throws Trouble 4.3.0 if they cannot be kept */
  write(bytes: Buffer): void {
    const room = heldMessageBytes - this.#bytes
    if (this.#file === undefined && bytes.length <= room) {
      this.#pieces.push(Buffer.from(bytes))
      this.#bytes += bytes.length
      return
    }
    this.#file ??= this.#open()
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    } catch (cause) {
      throw new Trouble('4.3.0', `unable to keep a message: ${errorText(cause)}`, { cause })
    }
    this.#fileBytes += bytes.length
  }

  /**
   * All of it, from its beginning; each piece is the caller's.
   *
   * @throws Trouble 4.3.0 if it cannot be read, or is dropped before its reader has seen the end
   */
  *pieces(): Generator<Buffer> {
    this.#mustBeKept()
    for (const piece of this.#pieces) {
      yield piece
      this.#mustBeKept()
    }
    for (let at = 0; at < this.#fileBytes; ) {
      const piece = this.#read(at)
      at += piece.length
      yield piece
      this.#mustBeKept()
    }
  }

  /** It is not needed any more: whoever still reads it gets trouble. */
  drop(): void {
    this.#dropped = true
    this.#pieces = []
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#fileBytes = 0
  }

  /** A reader that ended in silence would take the part that it has for the whole message. */
  #mustBeKept(): void {
    if (this.#dropped) throw new Trouble('4.3.0', 'unable to read a message that was kept: it was dropped')
  }

  #read(at: number): Buffer {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, this.#fileBytes - at))
    try {
      const length = readSync(this.#file as number, piece, 0, piece.length, at)
      if (length === 0) throw new Error('it is shorter than it was')
      return piece.subarray(0, length)
    } catch (cause) {
      throw new Trouble('4.3.0', `unable to read a message that was kept: ${errorText(cause)}`, { cause })
    }
  }

  #open(): number {
    let trouble: unknown
    for (const directory of this.#directories) {
      const path = `${directory}/held.${randomBytes(12).toString('hex')}`
      try {
        const file = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        unlinkSync(path)
        return file
      } catch (error) {
        trouble = error
      }
    }
    throw new Trouble('4.3.0', `unable to keep a message: ${errorText(trouble)}`, { cause: trouble })
  }
}
