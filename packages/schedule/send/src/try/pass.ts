/**
 * A pass reads the channel file of one message and starts its deliveries; each channel has one at a time (spec §2.5.3).
 * Messages that are tried before they are preprocessed have their turns beside it. What waited for a slot of its own
 * (shares.ts) has its turn before other messages are looked at.
 */
import { closeSync, openSync } from 'node:fs'
import { lowerCase } from '@yabumi/address'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { nextRetry } from '@yabumi/retrytimes'
import { Delay, toldAt } from '../bounce/delay.ts'
import type { Channel } from '../keep/channel.ts'
import type { FreshMessages } from '../keep/fresh.ts'
import { type Info, readInfo } from '../keep/info.ts'
import type { Shared } from '../shared.ts'
import { sysfailSeconds } from '../timers.ts'
import { heldUntil, returnsAt } from './appointed.ts'
import type { Attempt } from './attempt.ts'
import type { Deliveries } from './deliveries.ts'
import { FirstTries, type FirstTry } from './firsttry.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { LastRead } from './lastread.ts'
import { type Candidate, Line } from './line.ts'
import { isDoubtful } from './origin.ts'
import { type ChannelRecord, Records } from './records.ts'
import type { Shares } from './shares.ts'

/** Records read in one turn: a long list of recipients that are done must not keep reports waiting. */
const recordsPerTurn = 500
/**
 * Questions that clean has not answered at which no first try is started: who has been reached at the first would be delivered to once
 * more after a crash, and clean may have stopped. At full speed it owes some dozens of answers.
 */
const owedAnswers = 1_024

/** A message of which nothing is under way, as its mere number. */
type Waiting = MessageId | Job

interface Reading {
  readonly job: Job
  readonly records: Records
  /** What is read again of somebody for whom there was no slot, the first one last; then what has not been read. */
  readonly again: number[]
  /** For whom the job waits since this reading began. */
  readonly names: string[]
}

export class Pass {
  readonly firstTries: FirstTries
  readonly #channel: Channel
  readonly #deliveries: Deliveries
  readonly #shared: Shared
  readonly #jobs: Jobs
  readonly #fresh: FreshMessages
  readonly #shares: Shares
  /** Messages of channel files whose recipients found no slot. */
  readonly #stored: Line<Waiting>
  #reading: Reading | undefined
  readonly #lastRead = new LastRead()
  #firstTryIsNext = true

  constructor(channel: Channel, deliveries: Deliveries, shared: Shared, jobs: Jobs, fresh: FreshMessages, shares: Shares) {
    this.#channel = channel
    this.#deliveries = deliveries
    this.#shared = shared
    this.#jobs = jobs
    this.#fresh = fresh
    this.#shares = shares
    this.firstTries = new FirstTries((name) => shares.rankOf(name))
    this.#stored = new Line<Waiting>((name) => shares.rankOf(name), stillWaits)
    shares.lines = [this.firstTries.line, this.#stored]
  }

  /** Milliseconds until this channel is to be looked at though nothing has happened. */
  get settlesIn(): number {
    return this.#shares.settlesIn
  }

  /** Try a message before it is preprocessed. @returns false if that must come first */
  tryFirst(attempt: FirstTry, now: number): boolean {
    return this.firstTries.add(attempt, this.#shares.nameOf(attempt.recipient), now)
  }

  /** The messages that wait as mere numbers; they wait here no more. */
  giveBack(): MessageId[] {
    return this.#stored.takeAll((waiting) => typeof waiting === 'string') as MessageId[]
  }

  /**
   * Start what is due, as far as there are slots.
   *
   * @param now - seconds since 1970
   * @returns whether there is more to do in the next turn
   */
  advance(now: number): boolean {
    this.#lastRead.forget()
    this.#shares.settle()
    for (let count = 0; count < recordsPerTurn; count += 1) {
      if (!this.#deliveries.available || !this.#shares.hasRoom) return false
      const stored = this.#reading === undefined && this.#jobs.available ? this.#shares.next(this.#stored) : undefined
      if (this.#startFirstTry(stored, now)) continue
      if (this.#reading === undefined && !this.#beginReading(stored, now)) {
        this.#sayHeldBack()
        return false
      }
      if (this.#reading !== undefined) this.#read(this.#reading)
    }
    return true
  }

  #sayHeldBack(): void {
    const text = this.#shares.heldBack()
    if (text !== undefined) this.#shared.log.line(`share: ${this.#channel.name} ${text}`)
  }

  /** By turns with all else, unless who waits with something else holds more, or fewer. */
  #startFirstTry(stored: Candidate | undefined, now: number): boolean {
    if (this.#shared.cleaner.pending >= owedAnswers) return false
    const first = this.#shares.next(this.firstTries.line)
    if (first === undefined) return false
    const others = stored !== undefined || this.#reading !== undefined || this.#channel.heap.nextDue <= now
    const mayGo = stored === undefined || stored.weight === first.weight ? this.#firstTryIsNext || !others : first.weight < stored.weight
    this.#firstTryIsNext = !mayGo
    const attempt = mayGo ? this.firstTries.take(first) : undefined
    if (attempt === undefined) return false
    const givenBack = () => {
      if (this.#shared.leaving || !this.tryFirst(attempt, now)) attempt.notTried()
    }
    if (this.#shared.heldLogins.holds(attempt.facts.message)) attempt.notTried()
    else this.#start({ ...attempt, givenBack })
    return true
  }

  /** @returns false if there is nothing to read */
  #beginReading(stored: Candidate | undefined, now: number): boolean {
    if (!this.#jobs.available) return false
    const next = stored === undefined ? this.#channel.heap.takeDue(now) : this.#stored.take(stored)
    if (next === undefined) return false
    if (typeof next === 'object') this.#resume(next, stored?.name ?? '')
    else this.#open(next, now)
    return true
  }

  #open(id: MessageId, now: number): void {
    const { log, controls, requests } = this.#shared
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
    const { sender, facts, records } = found
    const appointed = facts.ofMessage.message
    const held = heldUntil(appointed)
    const isHeldUp = this.#shared.heldLogins.holds(appointed)
    if (isHeldUp || (held > now && asked === undefined)) {
      records.close()
      if (isHeldUp) requests.hold(this.#channel, id, log)
      else this.#channel.schedule(id, held)
      return
    }
    const birth = Math.max(this.#shared.futureTimes.birthOf(id, found.birth, now), Math.min(held, now))
    const deadline = Math.min(returnsAt(appointed), toldAt(appointed))
    const next = nextRetry(birth, now, this.#channel.name)
    const retry = deadline > now ? Math.min(next, deadline) : next
    const dying = now > birth + controls.lifetimeSeconds || now >= returnsAt(appointed)
    const doubtful = this.#channel.name === 'remote' && isDoubtful(id, sender, controls, this.#shared.routing)
    const delay = Delay.of(id, found, birth, now, controls, this.#shared.routing)
    const job = this.#jobs.open({ id, channel: this.#channel, sender, facts, retry, dying, doubtful, delay })
    this.#reading = { job, records, again: [], names: [] }
  }

  /** Read again what of a job found no slot. @param name - in whose line it stood */
  #resume(job: Job, name: string): void {
    this.#jobs.reopen(job)
    const again = job.held.take(name).reverse()
    try {
      this.#reading = { job, records: this.#lastRead.recordsOf(job, again.at(-1) ?? 0), again, names: [] }
    } catch {
      this.#shared.log.warning(`trouble opening ${job.file}; will try again later`)
      job.held.giveUp()
      this.#jobs.release(job)
    }
  }

  #find(id: MessageId, now: number): (Info & { records: Records }) | undefined {
    const fresh = this.#fresh.get(id, now)
    const bytes = fresh?.records[this.#channel.name]
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
    const { log } = this.#shared
    let aborted = false
    try {
      const record = this.#nextRecord(reading)
      if (record === undefined) this.#end(reading)
      else if (this.#shared.heldLogins.holds(job.facts.ofMessage.message))
        aborted = true // it is held when it is next due
      else if (record.letter === 'T') this.#meet(reading, record)
      else if (record.letter !== 'D') {
        log.warning(`unknown record type in ${job.file}!`)
        aborted = true
      }
    } catch {
      log.warning(`trouble reading ${job.file}; will try again later`)
      aborted = true
    }
    if (aborted) {
      job.held.giveUp()
      this.#close()
    }
    if (this.#reading !== undefined && records.atEnd) this.#end(reading)
  }

  /** @returns undefined if there is none, or no room for what would find no slot */
  #nextRecord({ job: { held }, records, again }: Reading): ChannelRecord | undefined {
    const position = again.pop()
    if (position !== undefined) {
      records.seek(position)
      return records.next()
    }
    if (!held.readsOn) return undefined
    records.seek(held.unreadFrom)
    const record = records.next()
    held.unreadFrom = record === undefined || records.atEnd ? Number.POSITIVE_INFINITY : records.position
    return record
  }

  /** A recipient that is not done. */
  #meet({ job, again }: Reading, { position, recipient }: ChannelRecord): void {
    const name = this.#shares.nameOf(recipient)
    if (!job.held.has(name) && this.#shares.admits(name, job.doubtful)) {
      this.#start(this.#jobs.attempt(job, position, recipient, () => this.#hold(job, position, name)))
      return
    }
    for (const refused of [position, ...again.splice(0)]) this.#hold(job, refused, name)
  }

  #start(attempt: Attempt): void {
    const { attempt: counted, newcomer } = this.#shares.track(attempt)
    this.#deliveries.start(counted, newcomer)
  }

  /** All that can be started has been. A message of which nothing is under way waits as a mere number. */
  #end({ job, names }: Reading): void {
    const { held } = job
    job.complete = held.isComplete
    const waiting = job.begun || held.names > 1 ? job : job.id
    for (const name of names) this.#stored.add(waiting, name, job.doubtful)
    this.#close()
  }

  /** There is no slot for a recipient, or it was given back. While the job is being read it waits when that has ended. */
  #hold(job: Job, position: number, name: string): void {
    const isNew = !job.held.has(name)
    job.held.hold(position, name)
    if (!isNew) return
    if (this.#reading?.job === job) this.#reading.names.push(name)
    else this.#stored.add(job, name, job.doubtful)
  }

  #close(): void {
    if (this.#reading === undefined) return
    const { job, records } = this.#reading
    this.#reading = undefined
    this.#lastRead.keep(job, records)
    this.#fresh.forget(job.id)
    this.#jobs.release(job)
  }
}

/** A job whose recipients of that name are being tried, or have been, does not. */
function stillWaits(waiting: Waiting, name: string): boolean {
  return typeof waiting === 'string' || waiting.held.has(name)
}

/** Where a recipient's mail goes. */
export function destinationOf(recipient: string): string {
  return lowerCase(recipient.slice(recipient.lastIndexOf('@') + 1))
}
