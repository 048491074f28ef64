/**
 * One session: who serves the client, as its user, with the connection.
 *
 * It may come to rest. Then nobody serves it, its front has the connection, and what is known of it lies here. So what
 * comes back is served as the user that logged in, with what its own login has left.
 */
import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { Conversation, foreverSeconds, type ParkedSession } from '@yabumi/loginprotocol'
import { copyDescriptor } from '@yabumi/posix'
import { Trouble } from '@yabumi/trouble'

/** What a session leaves that comes to rest. Its descriptors are the taker's. */
export interface Rest extends ParkedSession {
  /** For who serves it next. */
  readonly state: string
}

/** What serves a session: a process of its own, or a worker that has others too. */
export interface Serving {
  readonly pid: number
  /** Resolves with how it ended: an exit code, or a signal. Never, if it came to rest. */
  readonly over: Promise<string>
  /** Resolves if it comes to rest. */
  readonly rests?: Promise<Rest>
  /** Ask it to end. */
  end(): void
}

/** Have it served again. @param connection - stays open here. @param bytes - base64: what the client has said. @throws what says why not */
export type Revive = (state: string, bytes: string, connection: number) => Promise<Serving>

/** A process that serves this session and no other. */
export function servingBy(child: ChildProcess): Serving {
  const over = new Promise<string>((resolve) => {
    child.on('error', () => resolve(notStarted))
    child.on('exit', (code, signal) => resolve(signal ?? String(code)))
  })
  return { pid: child.pid ?? 0, over, end: () => void child.kill('SIGTERM') }
}

export class Session {
  /** How it is served when it comes back. */
  revive: Revive | undefined
  readonly #front: Conversation
  #serving: Serving | undefined
  #state: string | undefined
  #isTold = false
  readonly #over = Promise.withResolvers<string>()
  /** Resolves with how it ended: an exit code, or a signal. */
  readonly ended: Promise<string> = this.#over.promise

  /**
   * Before anything is started: a session that its front could not end is none.
   *
   * @param front - what the front has the other end of: it hears of the session's end there, and ends it by closing its own
   * @throws Trouble 5.3.5 if that is no socket
   */
  constructor(front: number) {
    this.#front = conversationOn(front)
    void this.#listen()
    void this.ended.then((status) => this.#tellEnd(status))
  }

  /** @param serving - who serves from now on */
  serveWith(serving: Serving): void {
    this.#serving = serving
    void serving.over.then((status) => this.#over.resolve(status))
    void serving.rests?.then((rest) => this.#rest(rest))
    if (this.#isTold) serving.end()
  }

  get pid(): number {
    return this.#serving?.pid ?? 0
  }

  /** Tell it to end, once: at a second TERM it would not finish the reply that it is in. What it has not done by QUIT it does not do. */
  end(): void {
    if (this.#isTold) return
    this.#isTold = true
    if (this.#serving === undefined) this.#over.resolve(this.#state === undefined ? notStarted : '0')
    else this.#serving.end()
  }

  async #listen(): Promise<void> {
    for (;;) {
      const [what, bytes = ''] = (await this.#front.record(foreverSeconds)) ?? []
      if (what !== 'revive') return this.end() // the front has gone, or says what it must not
      await this.#revive(bytes).catch(() => this.end())
    }
  }

  async #revive(bytes: string): Promise<void> {
    const connection = await this.#front.descriptor('socket')
    try {
      const state = this.#state
      if (state === undefined || this.revive === undefined || this.#isTold) return this.end()
      this.#state = undefined
      this.serveWith(await this.revive(state, bytes, connection))
    } catch {
      this.#over.resolve(notStarted)
    } finally {
      closeSync(connection)
    }
  }

  async #rest({ state, watch, signOfLife, lastWord }: Rest): Promise<void> {
    this.#serving = undefined
    this.#state = state
    try {
      if (watch === undefined) await this.#front.say(['parked', signOfLife, lastWord, '0'])
      else await this.#front.say(['parked', signOfLife, lastWord, '1'], watch)
    } catch {
      this.end() // the front has gone
    } finally {
      if (watch !== undefined) closeSync(watch)
    }
    if (this.#isTold) this.#over.resolve('0')
  }

  async #tellEnd(status: string): Promise<void> {
    await this.#front.say(['over', status]).catch(() => undefined)
    this.#front.close()
  }
}

const notStarted = 'not started'

function conversationOn(front: number): Conversation {
  const fd = copyDescriptor(front)
  try {
    return Conversation.accepted(fd)
  } catch (cause) {
    closeSync(fd)
    throw new Trouble('5.3.5', 'what the front would keep of the session is no socket', { cause })
  }
}
