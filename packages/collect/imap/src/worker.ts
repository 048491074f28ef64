/**
 * Many sessions of one mailbox in one process: sessiond hands over their connections (README of sessiond).
 *
 * If sessiond goes, sessions stay until their clients leave.
 */
import { closeSync } from 'node:fs'
import { imapWorkerSeconds } from '@yabumi/limits'
import { Conversation, foreverSeconds } from '@yabumi/loginprotocol'
import type { Parked } from './parking.ts'

/** A session as the worker needs it. */
export interface Served {
  /** @returns what is kept of it if it rests */
  serve(tag: string): Promise<Parked | undefined>
  /** As serve(), for one that rested. */
  resume(state: string, bytes: Buffer): Promise<Parked | undefined>
  leave(lastWord: string): void
}

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

  /** Whether sessiond takes sessions that rest. */
  get takesParked(): boolean {
    return !this.#isLeaving
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
      const [act, id = '', word = '', bytes = ''] = record
      if (act === 'session') await this.#take(id, (session) => session.serve(word))
      if (act === 'revive') await this.#take(id, (session) => session.resume(word, Buffer.from(bytes, 'base64')))
      if (act === 'end') this.#sessions.get(id)?.leave(farewell)
    }
    this.#isLeaving = true
    if (this.#sessions.size === 0) this.#done.resolve()
  }

  async #take(id: string, serve: (session: Served) => Promise<Parked | undefined>): Promise<void> {
    const session = this.#begin(await this.#conversation.descriptor('socket'))
    clearTimeout(this.#rest)
    this.#sessions.set(id, session)
    await this.#say(['began', id]) // before the client hears anything: else sessiond might give it to another worker
    void serve(session).then(
      (parked) => (parked === undefined ? this.#end(id, ['over', id, '0']) : this.#park(id, parked)),
      () => this.#end(id, ['over', id, '111']),
    )
  }

  #park(id: string, { state, signOfLife, lastWord, connection, bell }: Parked): void {
    const [watch, bells] = bell === undefined ? ['0', []] : ['1', [bell]]
    void this.#end(id, ['parked', id, state, signOfLife, lastWord, watch], bells).then(() => {
      for (const fd of [connection, ...bells]) closeSync(fd)
    })
  }

  /** @returns when that is said */
  #end(id: string, record: readonly string[], descriptors: readonly number[] = []): Promise<void> {
    this.#sessions.delete(id)
    const said = this.#say(record, ...descriptors)
    if (this.#sessions.size > 0) return said
    if (this.#isLeaving) this.#done.resolve()
    else this.#waitForWork()
    return said
  }

  #waitForWork(): void {
    this.#rest = setTimeout(() => this.leave(), 1000 * imapWorkerSeconds)
  }

  /** That sessiond hears it no more is no trouble. */
  #say(record: readonly string[], ...descriptors: number[]): Promise<void> {
    this.#sending = this.#sending.then(() => this.#conversation.say(record, ...descriptors)).catch(() => undefined)
    return this.#sending
  }
}
