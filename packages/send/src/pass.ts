/**
 * A pass reads the channel file of one message and starts its deliveries; each channel has one at a time (spec §2.5.3).
 * Between two passes, messages that are tried before they are preprocessed have their turn, and what waited for room at
 * its destination has another.
 */
import { closeSync, openSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { nextRetry } from '@yabumi/schedule'
import type { Attempt } from './attempt.ts'
import type { Channel } from './channel.ts'
import type { Context } from './context.ts'
import type { Deliveries } from './deliveries.ts'
import { type Destinations, destinationOf } from './destinations.ts'
import { FirstTries } from './firsttry.ts'
import type { FreshMessages } from './fresh.ts'
import { HeldRecipients } from './heldrecipients.ts'
import { type Info, readInfo } from './info.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { type ChannelRecord, Records } from './records.ts'
import { sysfailSeconds } from './timers.ts'

/** Records read in one turn: a long list of recipients that are done must not keep reports waiting. */
const recordsPerTurn = 500
/**
 * Questions that clean has not answered at which no first try is started: who has been reached at the first would be delivered to once
 * more after a crash, and clean may have stopped. At full speed it owes some dozens of answers.
 */
const owedAnswers = 1_024

interface Reading {
  readonly job: Job
  readonly records: Records
  /** What this reading is for, if the job has been read before. */
  readonly only: HeldRecipients | undefined
  /** Recipients without room so far. */
  held: HeldRecipients | undefined
}

export class Pass {
  readonly firstTries: FirstTries = new FirstTries()
  readonly #channel: Channel
  readonly #deliveries: Deliveries
  readonly #context: Context
  readonly #jobs: Jobs
  readonly #fresh: FreshMessages
  /** Where no destination is to keep the others waiting. */
  readonly #destinations: Destinations | undefined
  #reading: Reading | undefined
  #firstTryIsNext = true

  constructor(channel: Channel, deliveries: Deliveries, context: Context, jobs: Jobs, fresh: FreshMessages, destinations?: Destinations) {
    this.#channel = channel
    this.#deliveries = deliveries
    this.#context = context
    this.#jobs = jobs
    this.#fresh = fresh
    this.#destinations = destinations
  }

  /**
   * Start what is due, as far as there are slots.
   *
   * @param now - seconds since 1970
   * @returns whether there is more to do in the next turn
   */
  advance(now: number): boolean {
    for (let count = 0; count < recordsPerTurn; count += 1) {
      if (!this.#deliveries.available) return false
      if (this.#startFirstTry(now)) continue
      if (this.#reading === undefined) {
        const next = this.#jobs.available ? (this.#destinations?.next() ?? this.#channel.heap.takeDue(now)) : undefined
        if (next === undefined) return false
        if (typeof next === 'object') this.#resume(next)
        else this.#open(next, now)
      }
      if (this.#reading !== undefined) this.#read(this.#reading)
    }
    return true
  }

  #startFirstTry(now: number): boolean {
    if (this.#reading !== undefined || this.#context.cleaner.pending >= owedAnswers) return false
    const others = this.#channel.heap.nextDue <= now
    const attempt = this.#firstTryIsNext || !others ? this.firstTries.take() : undefined
    this.#firstTryIsNext = attempt === undefined
    if (attempt !== undefined && this.#destinations?.admits(attempt.recipient) === false) attempt.notTried()
    else if (attempt !== undefined) this.#start(attempt)
    return attempt !== undefined
  }

  #open(id: MessageId, now: number): void {
    const { log, controls, requests } = this.#context
    const asked = requests.heed(this.#channel, id, now)
    if (asked !== undefined && asked > now) {
      this.#channel.schedule(id, asked)
      return
    }
    const found = this.#find(id, now)
    if (found === undefined) {
      log.warning(`trouble opening ${queuePath(this.#channel.name, id)}; will try again later`)
      this.#channel.schedule(id, now + sysfailSeconds)
      return
    }
    const { sender, birth, records } = found
    const retry = nextRetry(birth, now, this.#channel.number)
    const dying = now > birth + controls.lifetimeSeconds
    const job = this.#jobs.open({ id, channel: this.#channel, sender, retry, dying })
    this.#reading = { job, records, only: undefined, held: undefined }
  }

  /** Read again what of a job had no room. */
  #resume(job: Job): void {
    const only = job.held
    job.held = undefined
    this.#jobs.reopen(job)
    try {
      const records = Records.ofFile(openSync(`queue/${job.file}`, 'r'), only?.from)
      this.#reading = { job, records, only, held: undefined }
    } catch {
      this.#context.log.warning(`trouble opening ${job.file}; will try again later`)
      this.#jobs.release(job)
    }
  }

  #find(id: MessageId, now: number): (Info & { records: Records }) | undefined {
    const fresh = this.#fresh.get(id, now)
    const bytes = fresh?.records[this.#channel.number]
    if (fresh !== undefined && bytes !== undefined) return { ...fresh, records: Records.ofBytes(bytes) }
    let fd: number
    try {
      fd = openSync(`queue/${queuePath(this.#channel.name, id)}`, 'r')
    } catch {
      return undefined
    }
    try {
      return { ...readInfo(id), records: Records.ofFile(fd) }
    } catch {
      closeSync(fd)
      return undefined
    }
  }

  #read(reading: Reading): void {
    const { job, records } = reading
    const { log } = this.#context
    let aborted = false
    try {
      const record = records.next()
      if (record === undefined) this.#end(reading)
      else if (record.letter === 'T') this.#meet(reading, record)
      else if (record.letter !== 'D') {
        log.warning(`unknown record type in ${job.file}!`)
        aborted = true
      }
    } catch {
      log.warning(`trouble reading ${job.file}; will try again later`)
      aborted = true
    }
    if (aborted) this.#close()
    else if (this.#reading !== undefined && records.atEnd) this.#end(reading)
  }

  /** A recipient that is not done. */
  #meet(reading: Reading, { position, recipient }: ChannelRecord): void {
    const { job, only } = reading
    if (only?.has(position) === false) return // under way, or deferred already
    if (this.#destinations === undefined || this.#destinations.admits(recipient)) {
      this.#start(this.#jobs.attempt(job, position, recipient))
      return
    }
    reading.held ??= new HeldRecipients()
    if (reading.held.isFull) {
      reading.held.stopAt(position)
      this.#end(reading)
    } else reading.held.hold(position, destinationOf(recipient))
  }

  #start(attempt: Attempt): void {
    this.#deliveries.start(this.#destinations?.track(attempt) ?? attempt)
  }

  /** All that can be started has been. A message of which nothing is under way waits as a mere number. */
  #end({ job, held }: Reading): void {
    if (held === undefined) job.complete = true
    else {
      job.held = held
      const light = !job.begun && held.destinations.size === 1
      this.#destinations?.wait(light ? job.id : job, held.destinations)
    }
    this.#close()
  }

  #close(): void {
    if (this.#reading === undefined) return
    const { job, records } = this.#reading
    this.#reading = undefined
    records.close()
    this.#fresh.forget(job.id)
    this.#jobs.release(job)
  }
}
