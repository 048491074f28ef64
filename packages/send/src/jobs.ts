/**
 * All jobs: no more than there are deliveries at once, and what becomes of a message when its job is over.
 */
import { nowSeconds } from '@yabumi/dates'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { Context } from './context.ts'
import { Job, type JobPlan } from './job.ts'
import { exists, warningOf } from './queuefile.ts'
import { sysfailSeconds } from './timers.ts'

export class Jobs {
  readonly #context: Context
  readonly #finished: (id: MessageId) => void
  #count = 0

  /** @param finished - called when the last recipient of a message is done on both channels */
  constructor(context: Context, finished: (id: MessageId) => void) {
    this.#context = context
    this.#finished = finished
  }

  get available(): boolean {
    const [local, remote] = this.#context.channels
    return this.#count < local.limit + remote.limit
  }

  /** The new job is held once, by the caller. */
  open(plan: JobPlan): Job {
    this.#count += 1
    return new Job(plan, this.#context.log)
  }

  /** One holder lets go. */
  release(job: Job): void {
    job.holders -= 1
    if (job.holders > 0) return
    this.#count -= 1
    if (!job.isDone) job.channel.schedule(job.id, job.retry)
    else if (!job.remove()) job.channel.schedule(job.id, nowSeconds() + sysfailSeconds)
    else if (!this.#goesOnElsewhere(job)) this.#finished(job.id)
    job.close()
  }

  #goesOnElsewhere(job: Job): boolean {
    const file = queuePath(job.channel.number === 0 ? 'remote' : 'local', job.id)
    try {
      return exists(file)
    } catch (error) {
      this.#context.log.warning(warningOf(error))
      return false // who finishes the message looks again
    }
  }
}
