/**
 * A file that is read again and again near the same place: a piece of it is held.
 *
 * Memory  windowBytes
 */
import { readSync } from 'node:fs'

const windowBytes = 1_048_576

export class Window {
  #bytes = Buffer.alloc(0)
  #start = 0

  /** Bytes from `at` on, fewer at the end of the file. They are good until the next call. @throws the system's error */
  read(fd: number, at: number, length: number): Buffer {
    const from = at - this.#start
    if (from < 0 || from + length > this.#bytes.length) {
      this.#move(fd, at, length)
      return this.#bytes.subarray(at - this.#start, at - this.#start + length)
    }
    return this.#bytes.subarray(from, from + length)
  }

  forget(): void {
    this.#bytes = Buffer.alloc(0)
  }

  /** Who goes back in the file finds what is before, too. */
  #move(fd: number, at: number, length: number): void {
    const start = at < this.#start && this.#bytes.length > 0 ? Math.max(0, at + length - windowBytes) : at
    const buffer = Buffer.allocUnsafe(Math.max(windowBytes, length))
    this.#bytes = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, start))
    this.#start = start
  }
}
