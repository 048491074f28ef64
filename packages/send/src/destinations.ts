/**
 * Where the deliveries of the remote channel go, so that no destination keeps the others waiting. A destination is the
 * domain of a recipient.
 *
 * Two rules. control/concurrencyperhost, if it is there, is how many deliveries one destination gets at once. And a
 * quarter of the channel is kept for destinations known to answer, if there are any: those that took or refused a message when they were
 * last tried, and have not kept all their deliveries waiting for some seconds. So mail for any number of hosts that never
 * answer leaves room for the rest; a host that nobody has heard of shares the room of the others until it answers.
 *
 * What finds no room waits here, as the message's number or, if something of it is under way, as its job; next() gives
 * what has room now. Nothing is started by itself: whoever looks for work asks.
 */
import { lowerCase } from '@yabumi/address'
import type { MessageId } from '@yabumi/queuedir'
import type { Attempt } from './attempt.ts'
import type { Job } from './job.ts'

/** A destination that ends none of its deliveries for so long counts as one that does not answer. */
const patienceMilliseconds = 5_000
/** Destinations that are remembered while nothing is under way there. */
const rememberedAtMost = 4_096
/** Destinations looked at for one that has room, in one call. */
const looksAtMost = 8

export type Waiting = MessageId | Job

interface Destination {
  /** Deliveries under way. */
  running: number
  answers: boolean
  /** When it was last heard of, or first asked. */
  progressAt: number
}

export class Destinations {
  readonly #mostAtOne: number
  readonly #limit: number
  /** How many known destinations answer. */
  #answering = 0
  readonly #now: () => number
  readonly #known = new Map<string, Destination>()
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<string, Set<Waiting>>()
  /** The same, the newest last; some may not be waiting any more. */
  #newcomers: string[] = []
  #newestIsNext = false
  /** Those with somebody waiting that may have got room of their own. */
  readonly #heardOf = new Set<string>()
  /** Deliveries under way that were started before anyone knew whether the destination answers. */
  #strangers = 0

  /**
   * @param limit - deliveries at once on this channel
   * @param mostAtOne - deliveries at once to one destination; 0: as many as the channel has
   * @param now - a clock in milliseconds
   */
  constructor(limit: number, mostAtOne: number, now: () => number = () => performance.now()) {
    this.#mostAtOne = mostAtOne === 0 ? Number.POSITIVE_INFINITY : mostAtOne
    this.#limit = limit
    this.#now = now
  }

  /** Whether a delivery to this recipient may start now. */
  admits(recipient: string): boolean {
    return this.#hasRoom(destinationOf(recipient))
  }

  /** Count a delivery that is about to start, until it has ended. */
  track(attempt: Attempt): Attempt {
    const name = destinationOf(attempt.recipient)
    const destination = this.#get(name)
    const stranger = !this.#answers(destination)
    if (stranger) this.#strangers += 1
    const startedAt = this.#now()
    if (destination.running === 0) destination.progressAt = startedAt
    destination.running += 1
    return {
      ...attempt,
      ended: (verdict, text) => {
        destination.running -= 1
        destination.progressAt = this.#now()
        if (stranger) this.#strangers -= 1
        if (verdict === 'success' || verdict === 'failure') this.#setAnswers(destination, true)
        else if (destination.progressAt - startedAt > patienceMilliseconds) this.#setAnswers(destination, false)
        if (this.#waiting.has(name)) this.#heardOf.add(name)
        attempt.ended(verdict, text)
      },
    }
  }

  /** Something waits until one of these destinations has room. */
  wait(waiting: Waiting, names: Iterable<string>): void {
    for (const name of names) {
      const those = this.#waiting.get(name)
      if (those !== undefined) {
        those.add(waiting)
        continue
      }
      this.#waiting.set(name, new Set([waiting]))
      this.#newcomers.push(name)
    }
    if (this.#newcomers.length > 2 * this.#waiting.size + looksAtMost)
      this.#newcomers = this.#newcomers.filter((name) => this.#waiting.has(name))
  }

  /** What has waited and has room now; it waits no more. */
  next(): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined
    for (const name of this.#heardOf) {
      if (this.#waiting.has(name) && this.#hasRoom(name)) return this.#take(name)
      this.#heardOf.delete(name)
    }
    for (let looks = 0; looks < looksAtMost && this.#hasRoomForStrangers; looks += 1) {
      const name = this.#candidate()
      if (name === undefined) return undefined
      if (this.#hasRoom(name)) return this.#take(name)
      this.#moveBack(name)
    }
    return undefined
  }

  /** Those that wait as mere numbers; they wait here no more. */
  giveBack(): MessageId[] {
    const ids: MessageId[] = []
    for (const [name, those] of this.#waiting) {
      for (const waiting of those) {
        if (typeof waiting === 'object') continue
        ids.push(waiting)
        those.delete(waiting)
      }
      if (those.size === 0) this.#waiting.delete(name)
    }
    return ids
  }

  /**
   * The one that waits longest, and the newest, by turns: hosts that never answer come back again and again, and one
   * that has never been tried should not wait behind all of them.
   */
  #candidate(): string | undefined {
    this.#newestIsNext = !this.#newestIsNext
    while (this.#newestIsNext) {
      const newest = this.#newcomers.pop()
      if (newest === undefined) break
      if (this.#waiting.has(newest)) return newest
    }
    return this.#waiting.keys().next().value
  }

  #moveBack(name: string): void {
    const those = this.#waiting.get(name)
    this.#waiting.delete(name)
    if (those !== undefined) this.#waiting.set(name, those)
  }

  #take(name: string): Waiting | undefined {
    const waiting = this.#waiting.get(name)?.values().next().value
    const names = typeof waiting === 'object' ? (waiting.held?.destinations ?? []) : [name]
    for (const one of names) {
      const those = this.#waiting.get(one)
      those?.delete(waiting as Waiting)
      if (those?.size === 0) this.#waiting.delete(one)
    }
    this.#moveBack(name)
    return waiting
  }

  #hasRoom(name: string): boolean {
    const destination = this.#known.get(name)
    if ((destination?.running ?? 0) >= this.#mostAtOne) return false
    return this.#hasRoomForStrangers || (destination !== undefined && this.#answers(destination))
  }

  get #hasRoomForStrangers(): boolean {
    return this.#strangers < (this.#answering === 0 ? this.#limit : this.#limit - Math.floor(this.#limit / 4))
  }

  #setAnswers(destination: Destination, answers: boolean): void {
    if (destination.answers === answers) return
    destination.answers = answers
    this.#answering += answers ? 1 : -1
  }

  #answers({ answers, running, progressAt }: Destination): boolean {
    return answers && (running === 0 || this.#now() - progressAt < patienceMilliseconds)
  }

  #get(name: string): Destination {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    if (this.#known.size >= rememberedAtMost) this.#forget()
    const destination = { running: 0, answers: false, progressAt: 0 }
    this.#known.set(name, destination)
    return destination
  }

  /** Half of those that nothing is under way to, the ones heard of first. */
  #forget(): void {
    let count = rememberedAtMost / 2
    for (const [name, destination] of this.#known) {
      if (count === 0) return
      count -= 1
      if (destination.running > 0) continue
      this.#setAnswers(destination, false)
      this.#known.delete(name)
    }
  }
}

/** Where a recipient's mail goes. */
export function destinationOf(recipient: string): string {
  return lowerCase(recipient.slice(recipient.lastIndexOf('@') + 1))
}
