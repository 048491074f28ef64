/**
 * The client before login, read to the end of each line and not one byte further. What follows the last line of the
 * login is for the program that gets the connection next.
 *
 * Hence reads of one byte. A login is some fifty of them, and popLoginBytes is the most that anybody gets.
 */
import { fstatSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { writeAll } from '@yabumi/files'
import { popLoginBytes, popRestSeconds } from '@yabumi/limits'
import { setNonBlocking } from '@yabumi/posix'

/** Why no line came: the client has gone, took too long, has sent more than a login can be, or something after STLS, others need its place, or we leave. */
export type NoLine = 'gone' | 'silent' | 'too much' | 'ahead' | 'crowded' | 'dismissed'

const LF = 10

export class Client {
  readonly #inputFd: number
  readonly #outputFd: number
  readonly #since = performance.now()
  readonly #byte = Buffer.alloc(1)
  readonly #stream: Socket | undefined
  readonly #output: Socket | undefined
  readonly #patience: NodeJS.Timeout
  #line = ''
  #ready: string | undefined
  #bytes = 0
  #noLine: NoLine | undefined
  #deliver: ((line: string | undefined) => void) | undefined
  /** Ends a wait for something else than a line. */
  #wake: (() => void) | undefined
  #isReleased = false

  /**
   * Descriptors of a socket or pipes, which are closed by release(), or of a file or terminal.
   *
   * @param patienceSeconds - for all lines together: a byte now and then keeps no connection
   */
  constructor(inputFd: number, outputFd: number, patienceSeconds: number) {
    this.#inputFd = inputFd
    this.#outputFd = outputFd
    this.#patience = setTimeout(() => this.#stop('silent'), patienceSeconds * 1000)
    const kind = fstatSync(inputFd)
    if (kind.isSocket() || kind.isFIFO()) this.#stream = this.#open()
    if (inputFd === outputFd) this.#output = this.#stream
    else if (fstatSync(outputFd).isFIFO()) this.#output = this.#openOutput()
  }

  /** Why nextLine() gave none. */
  get noLine(): NoLine | undefined {
    return this.#noLine
  }

  /** The next line without its end, a byte string; undefined if there is none. */
  async nextLine(): Promise<string | undefined> {
    return (await this.nextBytes())?.replace(/\r?\n$/, '')
  }

  /** The next bytes up to a LF, which is their last; undefined if there is none. */
  nextBytes(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#deliver = resolve
      if (this.#ready !== undefined || this.#noLine !== undefined) this.#give()
      else if (this.#stream !== undefined) this.#stream.resume()
      else this.#readFile()
    })
  }

  /** Write a reply. @returns when the client has room for another, or is given up */
  async say(reply: string): Promise<void> {
    const bytes = Buffer.from(`${reply}\r\n`, 'latin1')
    const output = this.#output
    if (output?.writable) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        output.write(bytes, () => resolve())
      })
      return
    }
    try {
      writeAll(this.#outputFd, bytes)
    } catch {
      this.#stop('gone')
    }
  }

  /** Whether it has said more than the last line. That is dropped then, and no further line taken. */
  isAhead(): boolean {
    try {
      if (readSync(this.#inputFd, this.#byte, 0, 1, null) === 0) return false
    } catch {
      return false // nothing there
    }
    this.#stop('ahead')
    return true
  }

  /** Keep it waiting. @returns when the time is over, or no line will come any more */
  async pause(seconds: number): Promise<void> {
    if (this.#noLine !== undefined) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Another program has had the descriptors, in a mode of its own perhaps: a read or write must not block here. */
  regain(): void {
    if (this.#isReleased) return
    if (this.#stream !== undefined) setNonBlocking(this.#inputFd)
    if (this.#output !== undefined && this.#output !== this.#stream) setNonBlocking(this.#outputFd)
  }

  /** Take no further line. */
  dismiss(): void {
    this.#stop('dismissed')
  }

  /** Take no further line if it has had the time for a login. @returns whether it has */
  giveWay(now: number = performance.now()): boolean {
    if (this.#noLine !== undefined || now - this.#since < popRestSeconds * 1000) return false
    this.#stop('crowded')
    return true
  }

  /** Read and wait no more. */
  release(): void {
    this.#isReleased = true
    clearTimeout(this.#patience)
    this.#stream?.destroy()
    this.#output?.destroy()
  }

  #open(): Socket {
    const writable = this.#inputFd === this.#outputFd
    const onread = { buffer: this.#byte, callback: () => this.#takeByte() }
    const stream = new Socket({ fd: this.#inputFd, readable: true, writable, allowHalfOpen: true, onread })
    return stream
      .pause()
      .on('end', () => this.#stop('gone'))
      .on('error', () => this.#stop('gone'))
  }

  /** A pipe: a write must not block when nobody reads. */
  #openOutput(): Socket {
    return new Socket({ fd: this.#outputFd, readable: false, writable: true }).on('error', () => this.#stop('gone'))
  }

  #readFile(): void {
    do {
      if (readSync(this.#inputFd, this.#byte, 0, 1, null) === 0) this.#stop('gone')
    } while (this.#noLine === undefined && this.#takeByte())
  }

  /** @returns whether the line goes on */
  #takeByte(): boolean {
    const byte = this.#byte[0] as number
    this.#bytes += 1
    if (this.#bytes > popLoginBytes) {
      this.#stop('too much')
      return false
    }
    if (byte === LF) {
      this.#ready = `${this.#line}\n`
      this.#line = ''
      this.#give()
      return false
    }
    this.#line += String.fromCharCode(byte)
    return true
  }

  #stop(reason: NoLine): void {
    this.#noLine ??= reason
    this.#wake?.()
    this.#give()
  }

  #give(): void {
    const deliver = this.#deliver
    if (deliver === undefined) return
    const line = this.#ready
    this.#deliver = undefined
    this.#ready = undefined
    deliver(line)
  }
}
