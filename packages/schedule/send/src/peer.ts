/**
 * A program at the other end of two pipes: lspawn, rspawn or clean (spec §2.5.1).
 *
 * What is said in one turn goes out in one write. Nothing here waits: what the program does not take yet stays here,
 * and it is asked for nothing new meanwhile. It is lost when either pipe breaks. What it says before it has ended is
 * still heard: one that does not hear us any more finishes what is under way, and leaves. But it is not waited for
 * long.
 */
import { closeSync } from 'node:fs'
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
  /** After that: nothing more will come from it, or counts. */
  silent(): void
}

/** For what one that is lost has under way. After that it counts as deferred, and may be done twice. */
const patienceMilliseconds = 2_000
const lastStandardDescriptor = 2

export class Peer {
  readonly #output: Socket
  readonly #events: PeerEvents
  #waiting: Buffer[] = []
  #lost = false
  #finished = false
  #silent = false

  constructor(ends: PipeEnds, events: PeerEvents) {
    this.#events = events
    const input = new Socket({ fd: ends.read, readable: true, writable: false })
    input.on('data', (bytes: Buffer) => events.heard(bytes))
    input.on('error', () => undefined)
    input.on('close', () => {
      this.#lose()
      this.#fallSilent()
    })
    this.#output = new Socket({ fd: ends.write, readable: false, writable: true })
    this.#output.on('drain', () => events.ready())
    this.#output.on('error', () => this.#lose())
    this.#output.on('close', () => {
      if (ends.write <= lastStandardDescriptor) closeSync(ends.write) // Node leaves it open, and the other side would never see the end
    })
  }

  /** Nothing more will come from it, or counts. */
  get silent(): boolean {
    return this.#silent
  }

  /** It is there and has taken nearly all that it was told. */
  get isReady(): boolean {
    return !this.#lost && !this.#finished && !this.#output.writableNeedDrain
  }

  /** Say something at the end of this turn. */
  say(bytes: Buffer): void {
    if (!this.#lost) this.#waiting.push(bytes)
  }

  /** Say nothing more: it finishes what it has under way, and leaves. */
  finish(): void {
    this.flush()
    this.#finished = true
    this.#output.end()
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    const bytes = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting)
    this.#waiting = []
    if (!this.#lost) this.#output.write(bytes)
  }

  #lose(): void {
    if (this.#lost || this.#finished) return
    this.#lost = true
    this.#waiting = []
    this.#events.lost()
    setTimeout(() => this.#fallSilent(), patienceMilliseconds)
  }

  #fallSilent(): void {
    if (this.#silent) return
    this.#silent = true
    this.#events.silent()
  }
}
