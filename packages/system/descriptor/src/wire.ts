/**
 * The network on descriptors 0 and 1, as tcpserver, s6-tcpserver or `sendmail -bs` hand it over. It is a socket, two
 * pipes, a terminal, or a file with commands in it.
 */
import { read, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { isStream, openInput } from './stream.ts'

const chunkBytes = 65_536

/** What the bytes go to. */
export interface Receiver {
  receive(chunk: Buffer): void
  inputEnded(): void
  lost(): void
}

/** Descriptor 0. @throws the system's error if it is closed */
export class Input {
  readonly #receiver: Receiver
  readonly #socket: Socket | undefined
  #paused = false
  #reading = false

  constructor(receiver: Receiver) {
    this.#receiver = receiver
    this.#socket = openInput(0)
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
