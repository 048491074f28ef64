/**
 * The network on descriptors 0 and 1, as tcpserver, s6-tcpserver or `sendmail -bs` hand it over: a socket, two pipes, a
 * terminal, or a file with commands in it.
 */
import { fstatSync, read, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty, ReadStream } from 'node:tty'

const chunkBytes = 65_536

/** What the bytes go to. */
export interface Receiver {
  receive(chunk: Buffer): void
  inputEnded(): void
  lost(): void
}

/** Whether the event loop can wait for this descriptor; files are read and written directly. */
function isStream(fd: number): boolean {
  const stat = fstatSync(fd)
  return stat.isFIFO() || stat.isSocket()
}

/** A socket for descriptor 0, unless it is a file. A terminal must not be read directly: a thread would wait there for ever. */
function openInput(): Socket | undefined {
  if (isatty(0)) return new ReadStream(0)
  return isStream(0) ? new Socket({ fd: 0, readable: true, writable: false, allowHalfOpen: true }) : undefined
}

/** Descriptor 0. @throws the system's error if it is closed */
export class Input {
  readonly #receiver: Receiver
  readonly #socket: Socket | undefined
  #paused = false
  #reading = false

  constructor(receiver: Receiver) {
    this.#receiver = receiver
    this.#socket = openInput()
    this.#socket?.on('data', (chunk: Buffer) => receiver.receive(chunk))
    this.#socket?.on('end', () => receiver.inputEnded())
    this.#socket?.on('error', () => receiver.lost())
  }

  pause(): void {
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#socket === undefined) this.#read()
    else this.#socket.resume()
  }

  #read(): void {
    if (this.#reading || this.#paused) return
    this.#reading = true
    read(0, Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null, (error, length, chunk) => {
      this.#reading = false
      if (error !== null) this.#receiver.lost()
      else if (length === 0) this.#receiver.inputEnded()
      else {
        this.#receiver.receive(chunk.subarray(0, length))
        this.#read()
      }
    })
  }
}

/** Descriptor 1. @throws the system's error if it is closed */
export class Output {
  readonly #socket: Socket | undefined

  constructor(receiver: Receiver) {
    if (!isStream(1)) return
    this.#socket = new Socket({ fd: 1, readable: false, writable: true })
    this.#socket.on('error', () => receiver.lost())
  }

  send(replies: string): boolean {
    if (this.#socket !== undefined) return this.#socket.write(replies, 'latin1')
    writeSync(1, replies, null, 'latin1')
    return true
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket?.writableNeedDrain) this.#socket.once('drain', resolve)
      else resolve()
    })
  }

  end(done: () => void): void {
    if (this.#socket === undefined) done()
    else this.#socket.end(done)
  }
}
