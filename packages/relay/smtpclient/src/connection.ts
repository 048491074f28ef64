/**
 * One SMTP connection as its client: lines out, replies in, in step.
 *
 * A command is written only if the host has said nothing that is not read. A host that says more than it was asked, or
 * what is no reply, is out of step. Nobody knows any more which reply belongs to which command, so nothing further is
 * said to it. Everything else that ends a connection early is ConnectionDied: the host closes, resets, keeps silent or
 * takes too long. What either means depends on the point of the dialogue (spec §2.8.2). What was read before counts.
 */
import type { Socket } from 'node:net'
import { attemptReplyBytes, quitSeconds } from '@yabumi/limits'
import { type Reply, ReplyReader } from '@yabumi/smtp'
import type { HostSocket } from './hostsocket.ts'

/** The connection is of no more use. */
export class ConnectionDied extends Error {
  override readonly name = 'ConnectionDied'
  /** It did not die by itself: the time for the attempt was up. */
  readonly overdue: boolean

  constructor(overdue: boolean) {
    super(overdue ? 'the time is up' : 'the connection died')
    this.overdue = overdue
  }
}

/** What the host says is no answer to what it was asked. */
export class OutOfStep extends Error {
  override readonly name = 'OutOfStep'
  /** What the host said. */
  readonly said: string

  /** @param fault - in words: `a line that is no reply` */
  constructor(fault: string, said: string) {
    super(fault)
    this.said = said
  }
}

/** The host takes leave, which it may do at any time (RFC 5321 §3.8). */
export class Closing extends Error {
  override readonly name = 'Closing'
  /** What the host said. */
  readonly said: string

  constructor(said: string) {
    super('the host is closing')
    this.said = said
  }
}

/** A reply may take this many times the silence allowed, so that one byte a minute does not hold a delivery for ever. */
const dripFactor = 2

export class Connection {
  readonly address: string
  /** When it was made, on the clock of performance.now(). */
  readonly since: number = performance.now()
  /** Messages that the host has taken over this connection. */
  messages = 0
  /** What the host can, by its answer to EHLO: keywords in capitals, each with what follows it. Nothing after HELO. */
  capabilities: ReadonlyMap<string, string> = new Map()
  /** What it has shown, as proofKey() writes it; undefined without TLS. */
  shown: string | undefined
  /** `TLSv1.3`; undefined without TLS. */
  version: string | undefined
  /** It was asked for TLS, or would have been, and has none. */
  hasNoTls = false
  /** As whom the host knows us; empty: as nobody. */
  user = ''
  #socket: Socket
  readonly #silenceSeconds: number
  #replies = new ReplyReader()
  /** What the host may still say to the message under way. */
  #budget = attemptReplyBytes
  #timer: NodeJS.Timeout | undefined
  /** Whoever waits for a reply, or for what was written to be taken. */
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void; deadline: number } | undefined
  #draining: { resolve: (taken: boolean) => void; reject: (error: Error) => void } | undefined
  /** No reply will come any more. */
  #ended = false
  /** Nothing can be written any more either. */
  #dead = false
  #overdue = false

  /** @param socket - connected, with nothing read from it yet; the connection owns it from here on */
  constructor(socket: HostSocket, address: string, silenceSeconds: number) {
    this.address = address
    this.#socket = socket
    this.#silenceSeconds = silenceSeconds
    this.#listen(() => socket.lastWords)
  }

  /** Whether what is said can be read by nobody else. */
  get isPrivate(): boolean {
    return this.shown !== undefined
  }

  /**
   * Go on within TLS. What the host said in clear is forgotten.
   *
   * @param shakeHands - gets the socket silent and without listeners
   * @throws OutOfStep if something has come that belongs to neither; what shakeHands throws
   */
  async secure<S extends Socket>(shakeHands: (socket: Socket) => Promise<S>): Promise<S> {
    if (!this.silent) throw new OutOfStep('plaintext behind STARTTLS', '')
    for (const event of ['data', 'end', 'error', 'drain', 'timeout']) this.#socket.removeAllListeners(event)
    this.#socket.pause()
    this.#socket.on('error', () => this.close())
    const socket = await shakeHands(this.#socket)
    this.#socket = socket
    this.#replies = new ReplyReader()
    this.capabilities = new Map()
    this.#listen(() => Buffer.alloc(0))
    return socket
  }

  /** Nothing has been heard from the host but what was asked for. */
  get silent(): boolean {
    return !this.#replies.unread
  }

  /** The same, and it has not closed. */
  get idle(): boolean {
    return !this.#ended && this.silent
  }

  /** An attempt begins. @param deadline - when it counts as dead unless the final dot is due, on the clock of performance.now() */
  begin(deadline: number): void {
    this.#budget = attemptReplyBytes
    this.#timer = setTimeout(
      () => {
        this.#overdue = true
        this.close()
      },
      Math.max(Math.ceil((deadline - performance.now()) / 1000), 0) * 1000, // whole seconds: timers of one length are cheap
    )
  }

  /** The final dot is due, or the attempt is over: from here on the silence alone is bounded. */
  endTime(): void {
    clearTimeout(this.#timer)
  }

  /** Send a command. Whether it arrived shows when its reply is read. @throws ConnectionDied, OutOfStep, Closing */
  command(line: string): void {
    this.expectTurn()
    this.#socket.write(`${line}\r\n`, 'latin1')
  }

  /**
   * It is our turn.
   *
   * @throws OutOfStep if the host has said something that nobody asked for, Closing if that is 421; ConnectionDied if it will say nothing more
   */
  expectTurn(): void {
    if (!this.silent) {
      const said = this.#next()
      if (said?.code === 421) throw new Closing(said.text)
      throw new OutOfStep('a reply that nothing asked for', said?.text ?? this.#replies.beginning)
    }
    if (this.#ended) throw new ConnectionDied(this.#overdue)
  }

  /**
   * Send a piece of a message.
   *
   * @returns when more may be written; false if the host has spoken, which it is not to do before the end: its reply is to be read then
   * @throws ConnectionDied
   */
  async write(bytes: Buffer): Promise<boolean> {
    if (!this.silent) return false
    this.expectTurn()
    if (this.#socket.write(bytes)) return true
    return new Promise((resolve, reject) => {
      this.#draining = { resolve, reject }
    })
  }

  /** The next reply of the host. @throws ConnectionDied, OutOfStep */
  async reply(): Promise<Reply> {
    const reply = this.#next()
    if (reply !== undefined) return reply
    if (this.#ended) throw new ConnectionDied(this.#overdue)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, deadline: performance.now() + dripFactor * this.#silenceSeconds * 1000 }
    })
  }

  /** One more reply that has come with the last one; undefined if there is none, or none that can be read. */
  anotherReply(): Reply | undefined {
    return this.#replies.next()
  }

  /** Say QUIT and close, without waiting for an answer; to a host that is not silent, just close. */
  quit(): void {
    if (this.#dead) return
    if (!this.silent) this.close()
    else this.#socket.write('QUIT\r\n', 'latin1', () => this.close())
  }

  /** Say QUIT and close once there is an answer, if one comes soon. @returns it */
  async quitAnswer(): Promise<Reply | undefined> {
    if (this.#dead || !this.silent) return undefined
    this.#socket.end('QUIT\r\n', 'latin1')
    const timer = setTimeout(() => this.close(), quitSeconds * 1000)
    try {
      return await this.reply()
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
      this.close()
    }
  }

  /** Close without a word. */
  close(): void {
    if (this.#dead) return
    this.#dead = true
    clearTimeout(this.#timer)
    this.#end()
    this.#socket.destroy()
  }

  /** @param lastWords - what came before the connection broke, and was not read */
  #listen(lastWords: () => Buffer): void {
    const socket = this.#socket
    socket.setTimeout(this.#silenceSeconds * 1000, () => this.close())
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('end', () => this.#end())
    socket.on('error', () => {
      if (lastWords().length > 0) this.#take(lastWords())
      this.close()
    })
    socket.on('drain', () => this.#drained(true))
  }

  #take(bytes: Buffer): void {
    this.#replies.push(bytes)
    this.#budget -= bytes.length
    if (this.#budget < 0) this.#socket.pause()
    this.#drained(false)
    const waiting = this.#waiting
    if (waiting === undefined) return
    try {
      const reply = this.#next()
      if (reply === undefined) {
        if (performance.now() > waiting.deadline) this.close()
        return
      }
      this.#waiting = undefined
      waiting.resolve(reply)
    } catch (error) {
      this.#waiting = undefined
      waiting.reject(error as OutOfStep)
    }
  }

  #next(): Reply | undefined {
    const reply = this.#replies.next()
    if (reply !== undefined) return reply
    const fault = this.#replies.fault ?? (this.#budget < 0 ? 'more than anybody reads' : undefined)
    if (fault !== undefined) throw new OutOfStep(fault, this.#replies.beginning)
    return undefined
  }

  #drained(taken: boolean): void {
    const draining = this.#draining
    this.#draining = undefined
    draining?.resolve(taken)
  }

  #end(): void {
    this.#ended = true
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new ConnectionDied(this.#overdue))
    const draining = this.#draining
    this.#draining = undefined
    draining?.reject(new ConnectionDied(this.#overdue))
  }
}
