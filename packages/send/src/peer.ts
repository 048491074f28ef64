/**
 * A program at the other end of two pipes: lspawn, rspawn or clean (spec §2.5.1).
 *
 * What is said in one turn goes out in one write. Nothing here waits: what the program does not take yet stays here,
 * and it is asked for nothing new meanwhile. It is lost when either pipe breaks; what it had said before is still heard.
 */
import { Socket } from 'node:net'

/** Numbers of open descriptors. */
export interface PipeEnds {
  readonly write: number
  readonly read: number
}

export interface PeerEvents {
  heard(bytes: Buffer): void
  /** It has caught up and may be asked again. */
  ready(): void
  /** Called once. */
  lost(): void
}

export class Peer {
  readonly #output: Socket
  readonly #events: PeerEvents
  #waiting: Buffer[] = []
  #lost = false
  #silent = false

  constructor(ends: PipeEnds, events: PeerEvents) {
    this.#events = events
    const input = new Socket({ fd: ends.read, readable: true, writable: false })
    input.on('data', (bytes: Buffer) => events.heard(bytes))
    input.on('error', () => undefined)
    input.on('close', () => {
      this.#silent = true
      this.#lose()
    })
    this.#output = new Socket({ fd: ends.write, readable: false, writable: true })
    this.#output.on('drain', () => events.ready())
    this.#output.on('error', () => this.#lose())
  }

  /** Nothing more will come from it. */
  get silent(): boolean {
    return this.#silent
  }

  /** It is there and has taken nearly all that it was told. */
  get isReady(): boolean {
    return !this.#lost && !this.#output.writableNeedDrain
  }

  /** Say something at the end of this turn. */
  say(bytes: Buffer): void {
    if (!this.#lost) this.#waiting.push(bytes)
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    const bytes = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting)
    this.#waiting = []
    if (!this.#lost) this.#output.write(bytes)
  }

  #lose(): void {
    if (this.#lost) return
    this.#lost = true
    this.#waiting = []
    this.#events.lost()
  }
}
