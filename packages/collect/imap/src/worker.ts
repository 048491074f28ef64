/**
 * Many sessions of one mailbox in one process: sessiond hands over their connections (README of sessiond).
 *
 * If sessiond goes, sessions stay until their clients leave.
 */
import { imapWorkerSeconds } from '@yabumi/limits'
import { Conversation } from '@yabumi/loginprotocol'

/** A session as the worker needs it. */
export interface Served {
  serve(tag: string): Promise<void>
  leave(lastWord: string): void
}

/** As long as a timer can wait. */
const foreverSeconds = 2_000_000

/** What a session hears whose worker is told to leave, with its line end. */
export const farewell = '* BYE [UNAVAILABLE] this server is about to stop, try again later\r\n'

export class Worker {
  readonly #conversation: Conversation
  readonly #begin: (connection: number) => Served
  readonly #sessions = new Map<string, Served>()
  readonly #done = Promise.withResolvers<void>()
  #rest: NodeJS.Timeout | undefined
  #sending: Promise<void> = Promise.resolve()
  #isLeaving = false

  /** @param control - descriptor of sessiond's socket. @param begin - makes the session of a connection */
  constructor(control: number, begin: (connection: number) => Served) {
    this.#conversation = Conversation.accepted(control)
    this.#begin = begin
  }

  /** Serve until there has been no session for imapWorkerSeconds, or leave() is called. */
  async work(): Promise<void> {
    this.#waitForWork()
    void this.#listen()
    await this.#done.promise
  }

  /** Tell every session to end. */
  leave(): void {
    this.#isLeaving = true
    this.#conversation.close()
    for (const session of this.#sessions.values()) session.leave(farewell)
    if (this.#sessions.size === 0) this.#done.resolve()
  }

  async #listen(): Promise<void> {
    for (;;) {
      const record = await this.#conversation.record(foreverSeconds)
      if (record === undefined) break
      const [act, id = '', tag = ''] = record
      if (act === 'session') await this.#take(id, tag)
      if (act === 'end') this.#sessions.get(id)?.leave(farewell)
    }
    this.#isLeaving = true
    if (this.#sessions.size === 0) this.#done.resolve()
  }

  async #take(id: string, tag: string): Promise<void> {
    const session = this.#begin(await this.#conversation.descriptor())
    clearTimeout(this.#rest)
    this.#sessions.set(id, session)
    await this.#say(['began', id]) // before the client hears anything: else sessiond might give it to another worker
    void session.serve(tag).then(
      () => this.#end(id, '0'),
      () => this.#end(id, '111'),
    )
  }

  #end(id: string, status: string): void {
    this.#sessions.delete(id)
    void this.#say(['over', id, status])
    if (this.#sessions.size > 0) return
    if (this.#isLeaving) this.#done.resolve()
    else this.#waitForWork()
  }

  #waitForWork(): void {
    this.#rest = setTimeout(() => this.leave(), 1000 * imapWorkerSeconds)
  }

  /** That sessiond hears it no more is no trouble. */
  #say(record: readonly string[]): Promise<void> {
    this.#sending = this.#sending.then(() => this.#conversation.say(record)).catch(() => undefined)
    return this.#sending
  }
}
