/**
 * A pass reads the channel file of one message and starts its deliveries; each channel has one at a time (spec §2.5.3).
 * Between two passes, messages that are tried before they are preprocessed have their turn.
 */
import { closeSync, openSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { nextRetry } from '@yabumi/schedule'
import type { Channel } from './channel.ts'
import type { Context } from './context.ts'
import type { Deliveries } from './deliveries.ts'
import { FirstTries } from './firsttry.ts'
import type { FreshMessages } from './fresh.ts'
import { type Info, readInfo } from './info.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { Records } from './records.ts'
import { sysfailSeconds } from './timers.ts'

/** Records read in one turn: a long list of recipients that are done must not keep reports waiting. */
const recordsPerTurn = 500

interface Reading {
  readonly job: Job
  readonly records: Records
}

export class Pass {
  readonly firstTries: FirstTries = new FirstTries()
  readonly #channel: Channel
  readonly #deliveries: Deliveries
  readonly #context: Context
  readonly #jobs: Jobs
  readonly #fresh: FreshMessages
  #reading: Reading | undefined
  #firstTryIsNext = true

  constructor(channel: Channel, deliveries: Deliveries, context: Context, jobs: Jobs, fresh: FreshMessages) {
    this.#channel = channel
    this.#deliveries = deliveries
    this.#context = context
    this.#jobs = jobs
    this.#fresh = fresh
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
        const id = this.#jobs.available ? this.#channel.heap.takeDue(now) : undefined
        if (id === undefined) return false
        this.#open(id, now)
      }
      if (this.#reading !== undefined) this.#read(this.#reading)
    }
    return true
  }

  #startFirstTry(now: number): boolean {
    if (this.#reading !== undefined) return false
    const others = this.#channel.heap.nextDue <= now
    const attempt = this.#firstTryIsNext || !others ? this.firstTries.take() : undefined
    this.#firstTryIsNext = attempt === undefined
    if (attempt !== undefined) this.#deliveries.start(attempt)
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
    this.#reading = { job: this.#jobs.open({ id, channel: this.#channel, sender, retry, dying }), records }
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

  #read({ job, records }: Reading): void {
    const { log } = this.#context
    let aborted = false
    try {
      const record = records.next()
      if (record === undefined) job.complete = true
      else if (record.letter === 'T') this.#deliveries.start(this.#jobs.attempt(job, record.position, record.recipient))
      else if (record.letter !== 'D') {
        log.warning(`unknown record type in ${job.file}!`)
        aborted = true
      }
    } catch {
      log.warning(`trouble reading ${job.file}; will try again later`)
      aborted = true
    }
    if (records.atEnd && !aborted) job.complete = true
    if (job.complete || aborted) this.#close()
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
