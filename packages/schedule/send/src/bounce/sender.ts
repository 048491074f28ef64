/**
 * Bounces on their way to queue: a few at a time, while everything else goes on.
 *
 * A bounce may be seen in todo/ before queue has answered. The log of qmail-send tells its origin first, and so does
 * ours. What may be a bounce of ours waits in todo/ until the bounces under way are in the log, but never for long.
 */
import type { MessageId } from '@yabumi/queuedir'
import { warningOf } from '../keep/queuefile.ts'
import type { Shared } from '../shared.ts'
import { sendBounce, sendDelay } from './mail.ts'

const bouncesAtOnce = 10
const patienceMilliseconds = 2_000

interface Waiter {
  readonly for: Set<MessageId>
  readonly patience: NodeJS.Timeout
  readonly proceed: () => void
}

export class BounceSender {
  readonly #shared: Shared
  #sending = 0
  /** Messages whose bounce queue may have accepted without our knowing. */
  readonly #asked = new Set<MessageId>()
  readonly #waiters = new Set<Waiter>()

  constructor(shared: Shared) {
    this.#shared = shared
  }

  get pending(): number {
    return this.#sending
  }

  /** Whether send() may be called. */
  get available(): boolean {
    return this.#sending < bouncesAtOnce
  }

  /** Send the bounce of a message. @param done - called with false if it must be tried again */
  send(id: MessageId, done: (sent: boolean) => void): void {
    const { controls, log } = this.#shared
    this.#carry(id, (asked) => sendBounce(id, controls, log, asked), done)
  }

  /** Tell the sender of a message who waits on; it may not happen. @param text - paragraphs, as bounce/ has them */
  warn(id: MessageId, text: string): void {
    const { controls, log, leaving } = this.#shared
    if (leaving || !this.available) return
    this.#carry(
      id,
      (asked) => sendDelay(id, text, controls, log, asked),
      () => undefined,
    )
  }

  #carry(id: MessageId, work: (asked: () => void) => Promise<boolean>, done: (sent: boolean) => void): void {
    const { log } = this.#shared
    this.#sending += 1
    const settle = (sent: boolean): void => {
      this.#sending -= 1
      done(sent)
      this.#answered(id)
      this.#shared.wake()
    }
    work(() => this.#asked.add(id)).then(settle, (error: unknown) => {
      log.warning(warningOf(error))
      settle(false)
    })
  }

  /** Call back when the bounces are answered that queue has been asked to take by now; at once if there is none. */
  afterBounces(proceed: () => void): void {
    if (this.#asked.size === 0) {
      proceed()
      return
    }
    const patience = setTimeout(() => this.#release(waiter), patienceMilliseconds)
    const waiter: Waiter = { for: new Set(this.#asked), patience, proceed }
    this.#waiters.add(waiter)
  }

  #answered(id: MessageId): void {
    this.#asked.delete(id)
    for (const waiter of this.#waiters) {
      waiter.for.delete(id)
      if (waiter.for.size === 0) this.#release(waiter)
    }
  }

  #release(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return
    clearTimeout(waiter.patience)
    waiter.proceed()
  }
}
