/**
 * The deliveries of one channel: commands to its spawn program, and its reports (spec §2.4.1, §2.5.3).
 *
 * A failure is written to the bounce file and synced before the recipient counts as done; the slot is free before that.
 */
import { queuePath } from '@yabumi/queuedir'
import { encodeCommand, type Report, ReportDecoder } from '@yabumi/spawnprotocol'
import type { BounceFiles } from './bouncefile.ts'
import { type Channel, logStatus } from './channel.ts'
import type { Context } from './context.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { logSafe } from './log.ts'
import { Peer, type PipeEnds } from './peer.ts'
import { senderFor } from './verp.ts'

const tooLong = "I'm not going to try again; this message has been in the queue too long.\n"
const mangled = 'report mangled, will defer'

interface Delivery {
  /** Counted from 1 since the start; what the log calls it. */
  readonly number: number
  readonly job: Job
  readonly position: number
  readonly recipient: string
}

export class Deliveries {
  readonly #channel: Channel
  readonly #context: Context
  readonly #jobs: Jobs
  readonly #bounces: BounceFiles
  readonly #nextNumber: () => number
  readonly #peer: Peer
  readonly #slots: (Delivery | undefined)[]
  readonly #decoder = new ReportDecoder()

  /** @param nextNumber - counts the deliveries of both channels */
  constructor(channel: Channel, ends: PipeEnds, context: Context, jobs: Jobs, bounces: BounceFiles, nextNumber: () => number) {
    this.#channel = channel
    this.#context = context
    this.#jobs = jobs
    this.#bounces = bounces
    this.#nextNumber = nextNumber
    this.#slots = Array.from({ length: channel.limit }, () => undefined)
    this.#peer = new Peer(ends, {
      heard: (bytes) => {
        for (const report of this.#decoder.push(bytes)) this.#take(report)
        context.wake()
      },
      ready: () => context.wake(),
      lost: () => context.lose('spawn'),
    })
  }

  /** Whether start() may be called. */
  get available(): boolean {
    return this.#channel.busy < this.#channel.limit && this.#peer.isReady
  }

  /** Deliveries whose reports may still come. */
  get pending(): number {
    return this.#peer.silent ? 0 : this.#channel.busy
  }

  start(job: Job, position: number, recipient: string): void {
    const { log } = this.#context
    const slot = this.#slots.indexOf(undefined)
    const number = this.#nextNumber()
    job.begin()
    this.#slots[slot] = { number, job, position, recipient }
    this.#channel.busy += 1
    log.line(`starting delivery ${number}: msg ${job.id} to ${this.#channel.name} ${logSafe(recipient)}`)
    logStatus(this.#context)
    const message = queuePath('mess', job.id).slice('mess/'.length)
    this.#peer.say(encodeCommand({ delivery: slot, message, sender: senderFor(job.sender, recipient), recipient }))
  }

  flush(): void {
    this.#peer.flush()
  }

  #take(report: Report): void {
    const { log } = this.#context
    const delivery = this.#slots[report.delivery]
    if (delivery === undefined) {
      log.warning('internal error: delivery report out of range')
      return
    }
    this.#slots[report.delivery] = undefined
    this.#channel.busy -= 1
    const { job, position, recipient } = delivery
    const { verdict, text } = judge(report, job.dying)
    log.line(`delivery ${delivery.number}: ${verdict === mangled ? mangled : `${verdict}: ${logSafe(text)}`}`)
    logStatus(this.#context)
    const done = (): void => {
      job.finish(position)
      this.#jobs.release(job)
    }
    if (verdict === 'success') done()
    else if (verdict === 'failure') this.#bounces.record(job.id, recipient, text, done)
    else this.#jobs.release(job)
  }
}

/** What a report means, in the words of the log. */
function judge({ status, text }: Report, dying: boolean): { verdict: 'success' | 'failure' | 'deferral' | typeof mangled; text: string } {
  if (status === 'K') return { verdict: 'success', text }
  if (status === 'D') return { verdict: 'failure', text }
  if (status !== 'Z') return { verdict: mangled, text: '' }
  return dying ? { verdict: 'failure', text: text + tooLong } : { verdict: 'deferral', text }
}
