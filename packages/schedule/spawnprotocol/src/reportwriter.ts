/**
 * Writes reports so that no reader can hold the spawn program up (spec §2.4.1).
 *
 * Those of one turn of the event loop go in one write. What the reader does not take stays in memory. Trouble ends all
 * further output in silence.
 */
import { fstatSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'

/** Whether a descriptor must be read and written by the plain calls: it is no pipe and no socket. */
export function isFile(fd: number): boolean {
  const status = fstatSync(fd)
  return !status.isFIFO() && !status.isSocket()
}

export class ReportWriter {
  #waiting: Buffer[] = []
  #failed = false
  #wake: (() => void) | undefined
  readonly #fd: number
  readonly #socket: Socket | undefined

  constructor(fd: number) {
    this.#fd = fd
    if (isFile(fd)) return
    const wake = (): void => this.#wake?.()
    this.#socket = new Socket({ fd, readable: false, writable: true })
    this.#socket.on('drain', wake)
    this.#socket.on('close', wake)
    this.#socket.on('error', () => {
      this.#failed = true
    })
  }

  add(bytes: Buffer): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush())
    this.#waiting.push(bytes)
  }

  /** Resolves once the reader has taken enough that more may be written; for one caller at a time. */
  async caughtUp(): Promise<void> {
    if (this.#failed || this.#socket?.writableNeedDrain !== true) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** Resolves once everything is written, or the output has failed. */
  async end(): Promise<void> {
    this.#flush()
    const socket = this.#socket
    if (this.#failed || socket === undefined) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      socket.end(resolve)
    })
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    if (this.#failed || bytes.length === 0) return
    if (this.#socket !== undefined) {
      this.#socket.write(bytes)
      return
    }
    try {
      writeSync(this.#fd, bytes)
    } catch {
      this.#failed = true
    }
  }
}
