/** How a client's message comes over its connection: by DATA up to its dot, or in the chunks of BDAT. */
import { Chunk } from './chunk.ts'
import type { Course } from './course.ts'
import type { Dialogue } from './dialogue.ts'
import type { Replies } from './gathered.ts'
import type { ClientInput } from './input.ts'
import type { Message } from './message.ts'
import type { Patience } from './patience.ts'
import { type ChunkTerms, reply } from './replies.ts'
import type { SessionLog } from './sessionlog.ts'
import { commands, type ReadingChunk, type ReadingMessage } from './state.ts'
import type { Client } from './wire.ts'

/** What it needs of its session. */
export interface TransferSession {
  readonly client: Client
  readonly dialogue: Dialogue
  readonly course: Course
  readonly input: ClientInput
  readonly replies: Replies
  readonly patience: Patience
  readonly log: SessionLog | undefined
  /** Whether the session has ended because the client did not wait for the answer to DATA. */
  isHasty(): boolean
  /** The client's last one. */
  command(): string
  close(why: string): void
}

export class Transfer {
  readonly #session: TransferSession
  /** When the client brought its last message, or came. */
  broughtAt: number = performance.now()

  constructor(session: TransferSession) {
    this.#session = session
  }

  /** The message waits for its client's name, which is in its first line. */
  beginMessage(): void {
    this.#named((remoteHost) => this.#begin(remoteHost))
  }

  #named(then: (remoteHost: string) => void): void {
    const { remoteHost } = this.#session.client
    if (typeof remoteHost === 'string') then(remoteHost)
    else this.#session.course.wait({ name: 'asking', next: commands }, remoteHost, then)
  }

  #begin(remoteHost: string): void {
    if (this.#session.isHasty()) return
    const message = this.#session.dialogue.beginMessage({ ...this.#session.client, remoteHost })
    if (message === undefined) return
    this.#session.replies.say(reply.goAhead)
    this.#session.patience.messageBegun()
    const state = { name: 'message', message } as const
    this.#session.course.enter(state)
    const rest = this.#session.input.takeRest()
    if (rest.length > 0) this.readMessage(state, rest)
  }

  beginChunk(terms: ChunkTerms): void {
    if (terms.refusal !== undefined) this.#enterChunk(new Chunk(terms))
    else if (this.#session.dialogue.chunked !== undefined) this.#enterChunk(new Chunk(terms, this.#session.dialogue.chunked))
    else
      this.#named((remoteHost) => {
        this.#session.patience.messageBegun()
        this.#enterChunk(new Chunk(terms, this.#session.dialogue.beginMessage({ ...this.#session.client, remoteHost }, 'counted')))
      })
  }

  #enterChunk(chunk: Chunk): void {
    const state = { name: 'chunk', chunk } as const
    this.#session.course.enter(state)
    this.readChunk(state, this.#session.input.takeRest())
  }

  readChunk(state: ReadingChunk, bytes: Buffer): void {
    const { chunk } = state
    const { rest, room } = chunk.take(bytes)
    this.#session.input.push(rest)
    if (chunk.message?.state === 'bare-lf') this.#endForBareLf(chunk.message)
    else if (!room && chunk.message !== undefined) {
      const next = chunk.isComplete ? commands : state
      this.#session.course.wait({ name: 'full', next }, chunk.message.drained(), () => chunk.isComplete && this.#endChunk(chunk))
    } else if (chunk.isComplete) {
      this.#session.course.enter(commands)
      this.#endChunk(chunk)
    }
  }

  #endChunk({ message, terms: { sizeBytes, isLast, refusal = message?.refusal } }: Chunk): void {
    if (message === undefined || (refusal !== undefined && !isLast)) {
      this.#session.log?.refused(refusal ?? '', this.#session.command())
      this.#session.replies.say(refusal ?? '', this.#session.command())
      if (message !== undefined) this.#forgetChunks()
    } else if (!isLast) this.#session.replies.say(`250 ${sizeBytes} octets received\r\n`)
    else {
      message.endChunks()
      this.#session.dialogue.endChunks()
      this.#finish(message)
    }
  }

  #forgetChunks(): void {
    this.#session.dialogue.endTransaction()
    this.#session.patience.messageEnded()
  }

  readMessage(state: ReadingMessage, chunk: Buffer): void {
    const { message } = state
    const room = message.take(chunk)
    if (message.state === 'ended') {
      this.#session.input.push(message.rest)
      this.#finish(message)
    } else if (message.state === 'bare-lf') this.#endForBareLf(message)
    else if (!room) this.#session.course.wait({ name: 'full', next: state }, message.drained(), () => {})
  }

  #finish(message: Message): void {
    this.#session.course.wait({ name: 'judging', next: commands }, message.finish(this.#session.log), (verdict) => {
      this.#session.patience.messageEnded()
      this.broughtAt = performance.now()
      this.#session.replies.say(verdict)
    })
  }

  /** Another host may take it for a line end, and find a second message there. */
  #endForBareLf(message: Message): void {
    this.#session.log?.judged({ reply: reply.bareLF, qp: undefined }, message)
    this.#session.replies.say(reply.bareLF)
    this.#session.close('a bare LF')
  }
}
