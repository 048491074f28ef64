/**
 * A client that has logged in: its bytes become events, and answers leave in large writes.
 *
 * One command after the other is carried out. Nothing more is read while one is, so who sends faster than it is served
 * waits.
 *
 * Memory  what one read brought, and imapOutputBytes of answers that the client has not taken
 * Bound   a client that takes nothing for imapStallSeconds is cut
 */
import { Socket } from 'node:net'
import { CommandReader, type ReaderEvent } from '@yabumi/imapwire'
import { imapOutputBytes, imapStallSeconds } from '@yabumi/limits'
import { copyDescriptor, descriptorOf } from '@yabumi/posix'
import { Deflation, Inflation } from './compression.ts'

const readBytes = 65_536
/** How much is collected before it is handed to the system. */
const batchBytes = 65_536

export class Connection {
  readonly reader: CommandReader = new CommandReader(true)
  readonly #socket: Socket
  readonly #over = Promise.withResolvers<void>()
  #batch: Buffer[] = []
  #batchLength = 0
  /** What follows the batch: many short texts cost less as one. */
  #text = ''
  #arrived: Buffer | undefined
  #wake: (() => void) | undefined
  #isOver = false
  #isWoken = false
  #inflation: Inflation | undefined
  #deflation: Deflation | undefined
  #packed: Promise<void> = Promise.resolve()

  /** @param fd - of a socket, which is closed with us */
  constructor(fd: number) {
    const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback: (length: number, bytes: Uint8Array) => this.#take(length, bytes) }
    this.#socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true, onread })
    this.#socket.pause()
    const end = (): void => {
      this.#isOver = true
      this.#wake?.()
      this.#over.resolve()
    }
    this.#socket.on('end', end).on('error', end).on('close', end)
    this.#socket.on('timeout', () => {
      if (this.#socket.writableLength > 0) this.#socket.destroy()
    })
    this.#socket.setTimeout(1000 * imapStallSeconds)
  }

  /** Resolves when the client has gone. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Nothing can be sent any more. A client that only says no more still hears its answers. */
  get isCut(): boolean {
    return this.#socket.destroyed
  }

  /** The next event; undefined when the client has gone, or wake() was called with none there. */
  async nextEvent(): Promise<ReaderEvent | undefined> {
    return this.#next(() => this.reader.next())
  }

  /** The next line that is no command; undefined as above. A line beyond its limit is an empty one. */
  async nextLine(): Promise<string | undefined> {
    return this.#next(() => {
      const line = this.reader.plainLine()
      return line === undefined || typeof line === 'string' ? line : ''
    })
  }

  /** End a wait of nextEvent() or nextLine(), or the next one: it gives undefined, unless something is there already. */
  wake(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  /** Add to the answer: a byte string, or bytes. */
  put(text: string | Buffer): void {
    if (typeof text === 'string') this.#text += text
    else {
      this.#endText()
      this.#batch.push(text)
    }
    this.#batchLength += text.length
    if (this.#batchLength >= batchBytes) this.flush()
  }

  /** Hand over what was put. */
  flush(): void {
    if (this.#batchLength === 0) return
    this.#endText()
    const bytes = this.#batch.length === 1 ? (this.#batch[0] as Buffer) : Buffer.concat(this.#batch)
    this.#batch = []
    this.#batchLength = 0
    if (this.#deflation !== undefined) this.#packed = this.#deflation.write(bytes)
    else this.#send(bytes)
  }

  /** What was put is sent as it is; from then on both sides compress (RFC 4978). A second time does nothing. */
  compress(): void {
    if (this.#inflation !== undefined) return
    this.flush()
    this.#inflation = new Inflation()
    this.#deflation = new Deflation((bytes) => this.#send(bytes))
    this.#inflation.push(this.reader.takeRest())
  }

  get isCompressed(): boolean {
    return this.#inflation !== undefined
  }

  #endText(): void {
    if (this.#text !== '') this.#batch.push(Buffer.from(this.#text, 'latin1'))
    this.#text = ''
  }

  /** Wait until the client has taken so much that there is room for more answers. */
  async room(): Promise<void> {
    if ((this.#deflation?.waiting ?? 0) > imapOutputBytes) await this.#packed
    while (this.#socket.writableLength > imapOutputBytes && !this.#socket.destroyed) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#socket.off('drain', done).off('close', done)
          resolve()
        }
        this.#socket.on('drain', done).on('close', done)
      })
    }
  }

  /**
   * Give the connection away, if nothing is under way in either direction. Nothing is read any more.
   *
   * @returns a descriptor of the same connection, the caller's; undefined if it stays here
   */
  giveAway(): number | undefined {
    this.#socket.pause()
    this.flush()
    if (
      this.#isOver ||
      this.#inflation !== undefined ||
      this.#arrived !== undefined ||
      this.#socket.writableLength > 0 ||
      !this.reader.isAtRest
    )
      return undefined
    const fd = copyDescriptor(descriptorOf(this.#socket))
    this.#isOver = true
    this.#socket.destroy()
    return fd
  }

  /** Bytes that were read by who had the connection before. */
  begin(bytes: Buffer): void {
    if (bytes.length > 0) this.#arrived = bytes
  }

  /** Send what was put, and close. @returns when that is done, or the client has gone */
  async end(): Promise<void> {
    this.flush()
    this.#inflation?.close()
    await this.#deflation?.end()
    if (this.#socket.destroyed) return
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#socket.end(() => {
        this.#socket.destroy()
        resolve()
      })
    })
  }

  async #next<T>(take: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = take()
      if (found !== undefined) return found
      const piece = await this.#inflation?.next()
      if (piece !== undefined) {
        this.reader.push(piece)
        continue
      }
      if (this.#inflation?.isBroken) {
        this.#isOver = true
        this.#socket.destroy()
      }
      if (this.#arrived === undefined) {
        if (this.#isOver) return undefined
        this.flush()
        await this.#arrival()
        this.#isWoken = false
        if (this.#arrived === undefined) return undefined
      }
      if (this.#inflation === undefined) this.reader.push(this.#arrived)
      else this.#inflation.push(this.#arrived)
      this.#arrived = undefined
    }
  }

  #send(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** Until something comes, or wake() was called. Even then the client is listened to for a turn: it may speak, or be gone. */
  async #arrival(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#socket.resume()
      if (this.#isWoken) setImmediate(setImmediate, resolve)
    })
    this.#wake = undefined
  }

  /** @returns whether to read on: no more is taken before the commands of this have been */
  #take(length: number, bytes: Uint8Array): boolean {
    this.#arrived = Buffer.from(bytes.subarray(0, length))
    this.#wake?.()
    return false
  }
}
