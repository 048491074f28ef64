/**
 * The client's end on two descriptors: command lines in, replies out in large writes.
 *
 * Replies leave when no further command has arrived, so commands sent together are answered together. Descriptor 0 may
 * be a socket, a pipe, a file or a terminal; a time limit can be kept on the first two only.
 *
 * Memory: one buffer for replies; of the input what one read brought. A client that sends faster than it is served
 * waits.
 */
import { fstatSync, readSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { CommandLines, tooLong } from '@yabumi/smtp'
import { errnoOf } from '@yabumi/trouble'

const readBytes = 16_384
/** How much is collected before it is written in any case. */
const fullBytes = 65_536
/** The most that a caller may add between two calls of drain(). */
export const burstBytes = 160_000

export class Connection {
  readonly #inputFd: number
  readonly #outputFd: number
  readonly #left: () => never
  readonly #silence: NodeJS.Timeout | undefined
  readonly #input: Socket | undefined
  #slowOutput: Socket | undefined

  readonly #lines = new CommandLines()
  #ended = false
  #leaving = false
  #farewell = ''
  #arrived: (() => void) | undefined

  readonly #replies: Buffer = Buffer.allocUnsafeSlow(fullBytes + burstBytes)
  #length = 0

  /** @param left - called when the client can no longer be written to, was silent for too long, or leave() has done its part; it ends the program */
  constructor(inputFd: number, outputFd: number, silenceSeconds: number, left: () => never) {
    this.#inputFd = inputFd
    this.#outputFd = outputFd
    this.#left = left
    const input = fstatSync(inputFd, { bigint: true })
    if (!input.isSocket() && !input.isFIFO()) return
    const output = fstatSync(outputFd, { bigint: true })
    const oneSocket = input.isSocket() && input.ino === output.ino && input.dev === output.dev
    this.#silence = setTimeout(left, silenceSeconds * 1000)
    this.#input = this.#open(inputFd, oneSocket)
    if (oneSocket) this.#slowOutput = this.#input
    else if (output.isSocket() || output.isFIFO()) this.#slowOutput = this.#openOutput() // now: a write must not block before
  }

  /** The next command line without its end; undefined when the client has closed. @throws LineTooLong */
  async nextLine(): Promise<string | undefined> {
    if (this.#leaving) {
      await this.flush()
      this.#depart()
    }
    for (;;) {
      const line = this.#lines.next()
      if (line === tooLong || this.#lines.isTooLong) throw new LineTooLong()
      if (line !== undefined) return line
      if (this.#length > 0) await this.flush()
      else if (this.#ended) return undefined
      else await this.#arrival()
    }
  }

  /**
   * No further command is taken. With none under way that is the end, at once; else once its reply is written.
   *
   * @param farewell - what the client reads in place of the reply to its next command; empty for nothing
   */
  leave(farewell: string): void {
    this.#leaving = true
    this.#farewell = farewell
    if (this.#arrived !== undefined) this.#depart()
  }

  /** Add a reply: a byte string, short beside burstBytes. */
  put(text: string): void {
    this.#length += this.#replies.write(text, this.#length, 'latin1')
  }

  /** Let a function add bytes. It is given the buffer and the place of its first byte and returns the place behind its last. */
  fill(add: (buffer: Buffer, at: number) => number): void {
    this.#length = add(this.#replies, this.#length)
  }

  /** Make room for another burstBytes. */
  async drain(): Promise<void> {
    if (this.#length >= fullBytes) await this.flush()
  }

  /** Write all replies. */
  async flush(): Promise<void> {
    let done = 0
    try {
      while (done < this.#length) done += writeSync(this.#outputFd, this.#replies, done, this.#length - done)
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') return this.#left()
      await this.#writeSlowly(this.#replies.subarray(done, this.#length))
    }
    this.#length = 0
  }

  #depart(): never {
    try {
      writeSync(this.#outputFd, this.#farewell, null, 'latin1')
    } catch {
      // it takes nothing more, or has gone: nobody waits for that
    }
    return this.#left()
  }

  #open(fd: number, writable: boolean): Socket {
    const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback: (length: number, bytes: Uint8Array) => this.#take(length, bytes) }
    const socket = new Socket({ fd, readable: true, writable, allowHalfOpen: true, onread })
    const end = () => {
      this.#ended = true
      this.#arrived?.()
    }
    socket.on('end', end).on('error', end)
    socket.resume()
    return socket
  }

  #openOutput(): Socket {
    return new Socket({ fd: this.#outputFd, readable: false, writable: true }).on('error', this.#left)
  }

  /** The client takes no more for now: leave it to the event loop, which knows when it does. */
  #writeSlowly(bytes: Buffer): Promise<void> {
    this.#slowOutput ??= this.#openOutput()
    const socket = this.#slowOutput
    return new Promise((resolve) => {
      this.#silence?.refresh()
      socket.write(bytes, (error) => (error ? this.#left() : resolve()))
    })
  }

  async #arrival(): Promise<void> {
    if (this.#input === undefined) return this.#readFile()
    this.#silence?.refresh()
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
      this.#input?.resume()
    })
    this.#arrived = undefined
  }

  #readFile(): void {
    const bytes = Buffer.allocUnsafe(readBytes)
    const length = readSync(this.#inputFd, bytes, 0, readBytes, null)
    if (length === 0) this.#ended = true
    else this.#take(length, bytes)
  }

  /** @returns whether to read on: no more is taken before the lines of this have been */
  #take(length: number, bytes: Uint8Array): boolean {
    this.#lines.push(Buffer.from(bytes.buffer, bytes.byteOffset, length))
    this.#arrived?.()
    return false
  }
}

/** A command line that exceeds the limit of package limits. */
export class LineTooLong extends Error {}
