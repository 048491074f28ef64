/**
 * Workers: a process of a user's that serves all sessions of one mailbox, so that they know of each other.
 *
 * Its descriptor 3 is our socket. We say `session` ID WORD with the connection, and it says `began` ID; later `over` ID
 * STATUS. `end` ID asks it to end one. It leaves when it has had nothing to do for a while.
 *
 * Of a session that rests it says `parked` ID STATE SIGN WORD WATCH, with a descriptor of inotify if WATCH is 1. The
 * connection is not taken back from a user, who could give anything for it: the front has kept its own. We say `revive`
 * ID STATE BYTES, with the connection, when it has to be served again. That may be another worker.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { sessionAnswerSeconds } from '@yabumi/limits'
import { Conversation, foreverSeconds } from '@yabumi/loginprotocol'
import { socketPair } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'
import type { Rest, Serving } from './session.ts'

interface Open {
  readonly began: PromiseWithResolvers<boolean>
  readonly over: PromiseWithResolvers<string>
  readonly rests: PromiseWithResolvers<Rest>
}

/** How a session begins: `session` and the word that the front has said, or `revive`, the state and what the client has said. */
export type Beginning = readonly ['session' | 'revive', ...string[]]

export class Workers {
  readonly #workers = new Map<string, Promise<Worker>>()

  /**
   * Have a session served by the worker of a mailbox, which is started if there is none.
   *
   * @param key - whose mailbox it is
   * @param start - starts the worker; descriptor 3 is to be the one that it is given
   * @param beginning - what it is told
   * @throws Trouble 4.3.0 if it does not answer; what `start` throws
   */
  async serve(key: string, start: (control: number) => Promise<ChildProcess>, beginning: Beginning, connection: number): Promise<Serving> {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const starting = this.#workers.get(key) ?? this.#start(key, start)
      const serving = await (await starting).serve(beginning, connection)
      if (serving !== undefined) return serving
      if (this.#workers.get(key) === starting) this.#workers.delete(key) // it was about to leave
    }
    throw new Trouble('4.3.0', 'the worker of this mailbox does not answer')
  }

  #start(key: string, start: (control: number) => Promise<ChildProcess>): Promise<Worker> {
    const starting = startWorker(start)
    this.#workers.set(key, starting)
    const forget = (): void => {
      if (this.#workers.get(key) === starting) this.#workers.delete(key)
    }
    starting.then((worker) => worker.over.then(forget), forget)
    return starting
  }
}

async function startWorker(start: (control: number) => Promise<ChildProcess>): Promise<Worker> {
  const [ours, theirs] = socketPair()
  try {
    return new Worker(await start(theirs), Conversation.accepted(ours))
  } catch (error) {
    closeSync(ours)
    throw error
  } finally {
    closeSync(theirs)
  }
}

class Worker {
  readonly over: Promise<void>
  readonly #child: ChildProcess
  readonly #conversation: Conversation
  readonly #sessions = new Map<string, Open>()
  #sending: Promise<unknown> = Promise.resolve()
  #count = 0

  constructor(child: ChildProcess, conversation: Conversation) {
    this.#child = child
    this.#conversation = conversation
    child.on('error', () => conversation.close()) // when it dies we have read what it has said, and then the end
    this.over = this.#listen()
  }

  /** @returns undefined if it has gone before it began */
  async serve([act, ...words]: Beginning, connection: number): Promise<Serving | undefined> {
    this.#count += 1
    const id = String(this.#count)
    const open: Open = { began: Promise.withResolvers(), over: Promise.withResolvers(), rests: Promise.withResolvers() }
    this.#sessions.set(id, open)
    const impatience = setTimeout(() => open.began.resolve(false), 1000 * sessionAnswerSeconds)
    try {
      await this.#say([act, id, ...words], connection)
      if (!(await open.began.promise)) return undefined
    } catch {
      return undefined
    } finally {
      clearTimeout(impatience)
    }
    const end = (): void => void this.#say(['end', id]).catch(() => undefined)
    return { pid: this.#child.pid ?? 0, over: open.over.promise, rests: open.rests.promise, end }
  }

  /** A record with its descriptor, and then the next one. */
  #say(record: readonly string[], ...descriptors: number[]): Promise<void> {
    const said = this.#sending.then(() => this.#conversation.say(record, ...descriptors))
    this.#sending = said.catch(() => undefined)
    return said
  }

  async #listen(): Promise<void> {
    for (;;) {
      const record = await this.#conversation.record(foreverSeconds)
      if (record === undefined) break
      const [what, id = '', status = '', ...words] = record
      if (what === 'began') this.#sessions.get(id)?.began.resolve(true)
      if (what === 'parked') await this.#rest(id, status, words).catch(() => this.#conversation.close())
      if (what !== 'over') continue
      this.#sessions.get(id)?.over.resolve(status)
      this.#sessions.delete(id)
    }
    for (const { began, over } of this.#sessions.values()) {
      began.resolve(false)
      over.resolve('the worker ended')
    }
  }

  async #rest(id: string, state: string, [signOfLife = '', lastWord = '', watches]: readonly string[]): Promise<void> {
    const watch = watches === '1' ? await this.#conversation.descriptor('watch') : undefined
    const open = this.#sessions.get(id)
    this.#sessions.delete(id)
    if (open !== undefined) open.rests.resolve({ state, signOfLife, lastWord, watch })
    else if (watch !== undefined) closeSync(watch)
  }
}
