/**
 * The FIFO lock/trigger: whoever has put a message into todo/ writes a byte there (spec §1.5).
 *
 * No pull is lost. The writer's order is: entry in todo/, then the byte. A byte wakes the reader at least once after it
 * was written. The reader takes what bytes there are and only then begins a scan of todo/, or another one after the
 * scan under way. So each byte is followed by the start of a scan, and that scan finds the entry. A writer that finds
 * the FIFO full is as good as one that wrote: there are bytes that have not been read.
 *
 * Bytes written while the FIFO is not open here are gone, hence the first scan follows the opening. A timer covers a
 * FIFO that was put in its place. A write end is kept open, so that the last writer's close is no end of file.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'

const path = 'queue/lock/trigger'

export class Trigger {
  readonly #pulled: () => void
  #reader: Socket | undefined
  #writer = -1

  constructor(pulled: () => void) {
    this.#pulled = pulled
  }

  /** Open it, or what stands in its place now. @throws the system's error; then only the timer is left */
  open(): void {
    this.close()
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      this.#writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      this.#reader = new Socket({ fd, readable: true, writable: false })
    } catch (error) {
      closeSync(fd)
      this.close()
      throw error
    }
    this.#reader.on('data', () => this.#pulled())
    this.#reader.on('error', () => undefined)
  }

  close(): void {
    this.#reader?.destroy()
    this.#reader = undefined
    if (this.#writer >= 0) closeSync(this.#writer)
    this.#writer = -1
  }
}
