/**
 * Where a message goes that has been preprocessed: to its channels; or, if its only recipient has been tried already,
 * on from there.
 */
import { nowSeconds } from '@yabumi/dates'
import type { MessageId } from '@yabumi/queuedir'
import { nextRetry } from '@yabumi/retrytimes'
import type { Finish } from '../finish/finish.ts'
import { both } from '../keep/channel.ts'
import type { FreshMessages } from '../keep/fresh.ts'
import type { Shared } from '../shared.ts'
import { firstDue } from '../try/appointed.ts'
import type { Jobs } from '../try/jobs.ts'
import type { ReadyMessage, Tried } from './preprocess.ts'

export class Intake {
  readonly #shared: Shared
  readonly #jobs: Jobs
  readonly #fresh: FreshMessages
  readonly #finish: Finish

  constructor(shared: Shared, jobs: Jobs, fresh: FreshMessages, finish: Finish) {
    this.#shared = shared
    this.#jobs = jobs
    this.#fresh = fresh
    this.#finish = finish
  }

  take(id: MessageId, message: ReadyMessage): void {
    if (message.tried !== undefined) {
      this.#goOn(id, message, message.tried)
      return
    }
    const now = nowSeconds()
    this.#fresh.add(id, message)
    const channels = both(this.#shared.channels).filter(({ name }) => message.channels[name])
    for (const channel of channels) channel.schedule(id, firstDue(message.facts.ofMessage.message, now))
    if (channels.length === 0) this.#finish.finish(id)
  }

  /** As if its first attempt had been made in S5, and had just ended. */
  #goOn(id: MessageId, { sender, facts, birth }: ReadyMessage, { destination, verdict, text, endedAt }: Tried): void {
    const channel = this.#shared.channels[destination.channel]
    const retry = this.#shared.retriedAt > endedAt ? nowSeconds() : nextRetry(birth, birth, channel.name)
    const job = this.#jobs.open({ id, channel, sender, facts, retry, dying: false, doubtful: false })
    job.complete = true
    this.#jobs.attempt(job, 0, destination.address).ended(verdict, text)
    this.#jobs.release(job)
  }
}
