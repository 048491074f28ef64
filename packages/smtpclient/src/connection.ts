/**
 * One SMTP connection as its client: lines out, replies in.
 *
 * Everything that ends a connection early (the host closes, resets, keeps silent too long, drips its reply, floods us) is
 * one thing, ConnectionDied; what it means depends on the point of the dialogue (spec §2.8.2).
 */
import type { Socket } from 'node:net'
import { unreadReplyBytes } from '@yabumi/limits'
import { type Reply, ReplyReader } from '@yabumi/smtp'

/** The connection is of no more use. */
export class ConnectionDied extends Error {
  override readonly name = 'ConnectionDied'
}

/** A reply may take this many times the silence allowed, so that one byte a minute does not hold a delivery for ever. */
const dripFactor = 2

export class Connection {
  readonly address: string
  /** When it was made, on the clock of performance.now(). */
  readonly since: number = performance.now()
  /** Messages that the host has taken over this connection. */
  messages = 0
  readonly #socket: Socket
  readonly #silenceSeconds: number
  readonly #replies = new ReplyReader()
  /** Whoever waits for a reply, or for what was written to be taken. */
  #waiting: { resolve: (reply: Reply) => void; reject: (died: ConnectionDied) => void; deadline: number } | undefined
  #draining: { resolve: () => void; reject: (died: ConnectionDied) => void } | undefined
  /** No reply will come any more. */
  #ended = false
  /** Nothing can be written any more either. */
  #dead = false

  /** @param socket - connected, with nothing read from it yet; the connection owns it from here on */
  constructor(socket: Socket, address: string, silenceSeconds: number) {
    this.address = address
    this.#socket = socket
    this.#silenceSeconds = silenceSeconds
    socket.setTimeout(silenceSeconds * 1000, () => this.close())
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('end', () => this.#end())
    socket.on('error', () => this.close())
    socket.on('drain', () => {
      const draining = this.#draining
      this.#draining = undefined
      draining?.resolve()
    })
  }

  /** Nothing has been heard from the host but what was asked for, and it has not closed. */
  get idle(): boolean {
    return !this.#ended && this.#replies.buffered === 0
  }

  /** Send a command. Whether it arrived shows when its reply is read. */
  command(line: string): void {
    if (!this.#dead) this.#socket.write(`${line}\r\n`, 'latin1')
  }

  /** Send a piece of a message. @returns when more may be written @throws ConnectionDied */
  async write(bytes: Buffer): Promise<void> {
    if (this.#dead) throw new ConnectionDied()
    if (this.#socket.write(bytes)) return
    await new Promise<void>((resolve, reject) => {
      this.#draining = { resolve, reject }
    })
  }

  /** The next reply of the host. @throws ConnectionDied */
  async reply(): Promise<Reply> {
    const reply = this.#replies.next()
    if (reply !== undefined) return reply
    if (this.#ended) throw new ConnectionDied()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, deadline: performance.now() + dripFactor * this.#silenceSeconds * 1000 }
    })
  }

  /** Say QUIT and close, without waiting for an answer. @returns whether it could be written */
  quit(): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#dead) {
        resolve(false)
        return
      }
      this.#socket.write('QUIT\r\n', 'latin1', (error) => {
        this.close()
        resolve(error == null)
      })
    })
  }

  /** Close without a word. */
  close(): void {
    if (this.#dead) return
    this.#dead = true
    this.#end()
    this.#socket.destroy()
    const draining = this.#draining
    this.#draining = undefined
    draining?.reject(new ConnectionDied())
  }

  #take(bytes: Buffer): void {
    this.#replies.push(bytes)
    const waiting = this.#waiting
    if (waiting === undefined) {
      if (this.#replies.buffered > unreadReplyBytes) this.close()
      return
    }
    const reply = this.#replies.next()
    if (reply !== undefined) {
      this.#waiting = undefined
      waiting.resolve(reply)
    } else if (performance.now() > waiting.deadline) this.close()
  }

  #end(): void {
    this.#ended = true
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new ConnectionDied())
  }
}
