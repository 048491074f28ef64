/**
 * All jobs: no more than there are deliveries at once, and what becomes of a message when its job is over.
 */
import { nowSeconds } from '@yabumi/dates'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { BounceFiles } from '../bounce/file.ts'
import { toldOf } from '../bounce/told.ts'
import { exists, warningOf } from '../keep/queuefile.ts'
import type { Shared } from '../shared.ts'
import { sysfailSeconds } from '../timers.ts'
import type { Attempt } from './attempt.ts'
import { Job, type JobPlan } from './job.ts'

export class Jobs {
  readonly #shared: Shared
  readonly #bounces: BounceFiles
  readonly #warn: (id: MessageId, text: string) => void
  readonly #finished: (id: MessageId) => void
  #count = 0

  /** @param warn - tells the sender who waits on. @param finished - called when the last recipient of a message is done on both channels */
  constructor(shared: Shared, bounces: BounceFiles, warn: (id: MessageId, text: string) => void, finished: (id: MessageId) => void) {
    this.#shared = shared
    this.#bounces = bounces
    this.#warn = warn
    this.#finished = finished
  }

  get available(): boolean {
    const { local, remote } = this.#shared.channels
    return this.#count < local.limit + local.slow + remote.limit + remote.slow
  }

  /** The new job is held once, by the caller. */
  open(plan: JobPlan): Job {
    this.#count += 1
    return new Job(plan, this.#shared)
  }

  /** Hold a job that waited for room. */
  reopen(job: Job): void {
    if (job.holders === 0) this.#count += 1
    job.holders += 1
  }

  /**
   * A delivery to one recipient of the job, which holds it until all that follows from it is on the disk: a failure is
   * written to the bounce file and synced before the recipient counts as done.
   *
   * @param position - of the recipient's record in the channel file
   * @param givenBack - told if it has to wait again, while the job is still held
   */
  attempt(job: Job, position: number, recipient: string, givenBack: () => void = () => undefined): Attempt {
    job.begin()
    const done = (): void => {
      job.finish(position)
      this.release(job)
    }
    const place = { channel: job.channel.name, position }
    const facts = job.facts.delivery(place)
    return {
      id: job.id,
      sender: job.sender,
      recipient,
      facts,
      dying: job.dying,
      doubtful: job.doubtful,
      ended: (verdict, report) => {
        if (verdict !== 'success' && verdict !== 'failure') {
          if (verdict === 'deferral') job.delay?.note(recipient, report, facts)
          this.release(job)
          return
        }
        const told = toldOf({ verdict, report, channel: place.channel, sender: job.sender, facts }, this.#shared.controls)
        if (told === undefined) done()
        else this.#bounces.record(job.id, recipient, told, done)
      },
      givenBack: () => {
        job.takeBack()
        givenBack()
        this.release(job)
      },
    }
  }

  /** One holder lets go. */
  release(job: Job): void {
    job.holders -= 1
    if (job.holders > 0) return
    this.#count -= 1
    if (job.held.isEmpty) this.#settle(job) // else it goes on when there is room
    job.close()
  }

  #settle(job: Job): void {
    const { requests, futureTimes } = this.#shared
    const now = nowSeconds()
    if (!job.isDone) {
      const waits = job.delay?.text
      if (waits !== undefined) this.#warn(job.id, waits)
      const due = requests.heed(job.channel, job.id, now) ?? job.retry
      job.channel.schedule(job.id, futureTimes.dueOf(job.channel.name, job.id, due, now))
    } else if (!job.remove()) job.channel.schedule(job.id, now + sysfailSeconds)
    else if (!this.#goesOnElsewhere(job)) this.#finished(job.id)
  }

  #goesOnElsewhere(job: Job): boolean {
    const file = queuePath(job.channel.name === 'local' ? 'remote' : 'local', job.id)
    try {
      return exists(file)
    } catch (error) {
      this.#shared.log.warning(warningOf(error))
      return false // who finishes the message looks again
    }
  }
}
