/**
 * Who holds the slots of one channel, and who gets the next one, so that nobody keeps the others waiting. A holder is a
 * user of this host (local), or the domain of a recipient (remote).
 *
 * How far the slots may be in use for another one to be given away depends on who asks:
 *
 * - one that holds none gets any
 * - one that holds some, or kept us waiting when last tried, leaves the last fifth of them, at least two
 * - those that are not known to answer leave a quarter to those that are, if there are any of these
 * - bounces, and what strangers send through here (origin.ts), leave half
 *
 * What has run for a minute moves to slots of a second set. There one holder has at most a fifth, and bounces and the
 * like half. Where that is full it stays. One at least is anybody's, however few there are. Those that wait stand in
 * lines (line.ts).
 *
 * A remote holder is one domain, but many domains may lead to one host. So what gets one of the last slots is a
 * newcomer for rspawn too. rspawn gives it back if others are under way to that network; then the domain counts as one
 * that holds some. The next is likely to lead there too. So the last slots rest for a moment then: they are as good as
 * in use.
 */
import {
  answeringShareParts,
  doubtfulShareParts,
  newcomerRestMilliseconds,
  newcomerShareParts,
  newcomerSlots,
  shareRememberedSeconds,
  slowDeliverySeconds,
  slowShareParts,
} from '@yabumi/limits'
import { logSafe } from '@yabumi/logline'
import type { Attempt } from './attempt.ts'
import { type Holder, Holders } from './holders.ts'
import type { AnyLine, Candidate, Rank } from './line.ts'

const settleMilliseconds = 1_000
const sayMilliseconds = 60_000

export interface Sizes {
  /** Slots that are given away. */
  readonly slots: number
  /** Slots of the second set. */
  readonly slow: number
  /** Deliveries at once of one holder; 0: no limit of its own. */
  readonly mostOfOne: number
  /** false: nobody is kept from a slot for the sake of others, but by those not known to answer. */
  readonly shared: boolean
  /** Holders are destinations, which answer or do not. */
  readonly remote: boolean
}

/** A slot that is held. */
interface Holding {
  readonly holder: Holder
  readonly stranger: boolean
  readonly doubtful: boolean
  readonly startedAt: number
  isSlow: boolean
}

export class Shares {
  readonly #sizes: Sizes
  readonly #nameOf: (recipient: string) => string
  readonly #now: () => number
  /** From so many in use on, slots are for those that hold none. */
  readonly #plain: number
  readonly #holders: Holders
  /** Of the first set, in the order in which they began. */
  readonly #fast = new Set<Holding>()
  #slow = 0
  #strangers = 0
  #doubtful = 0
  #slowDoubtful = 0
  #settledAt = Number.NEGATIVE_INFINITY
  #saidAt = Number.NEGATIVE_INFINITY
  /** Until when the last slots are given to nobody. */
  #restsUntil = Number.NEGATIVE_INFINITY
  /** When a slot will have been held for long. */
  #nextSettle = Number.POSITIVE_INFINITY
  readonly #crowded = new Set<Holder>()
  #lines: readonly AnyLine[] = []

  /** @param nameOf - whom a recipient's slot counts for; @param now - a clock in milliseconds */
  constructor(sizes: Sizes, nameOf: (recipient: string) => string, now: () => number = () => performance.now()) {
    this.#sizes = sizes
    this.#nameOf = nameOf
    this.#now = now
    this.#holders = new Holders(sizes.remote, now)
    this.#plain = sizes.shared ? part(sizes.slots, newcomerShareParts, newcomerSlots) : sizes.slots
  }

  /** Those that wait for slots here, who are told when a holder's rank changes. */
  set lines(lines: readonly AnyLine[]) {
    this.#lines = lines
  }

  /** Whether somebody might get a slot now. */
  get hasRoom(): boolean {
    const inUse = this.#fast.size
    return inUse < this.#plain || (inUse < this.#sizes.slots && this.#now() >= this.#restsUntil)
  }

  /** Whom a recipient's slot counts for. */
  nameOf(recipient: string): string {
    return this.#nameOf(recipient)
  }

  rankOf(name: string): Rank | undefined {
    const holder = this.#holders.known(name)
    if (holder === undefined) return { weight: 0, stranger: this.#sizes.remote }
    const { fast, slow, silent, crowdedUntil } = holder
    if (this.#sizes.mostOfOne > 0 && fast + slow >= this.#sizes.mostOfOne) return undefined
    const weight = fast + Number(silent || crowdedUntil > this.#now())
    return { weight, stranger: this.#holders.isStranger(holder) }
  }

  /** Whether a delivery for this name may start now. */
  admits(name: string, doubtful: boolean): boolean {
    const rank = this.hasRoom ? this.rankOf(name) : undefined
    if (rank === undefined || rank.weight > this.#mostWeight) return false
    return (!rank.stranger || this.#room.strangers) && (!doubtful || this.#room.doubtful)
  }

  /** Who of a line may start something now, and comes first. */
  next(line: AnyLine): Candidate | undefined {
    return line.isEmpty || !this.hasRoom ? undefined : line.next(this.#room, this.#mostWeight)
  }

  /**
   * Count a delivery that is about to start, until it has ended.
   *
   * @returns the same; `newcomer` if it gets one of the last slots
   */
  track(attempt: Attempt): { readonly attempt: Attempt; readonly newcomer: boolean } {
    const newcomer = this.#fast.size >= this.#plain
    const holder = this.#holders.get(this.#nameOf(attempt.recipient))
    const startedAt = this.#now()
    const stranger = this.#holders.isStranger(holder)
    const holding: Holding = { holder, stranger, doubtful: attempt.doubtful, startedAt, isSlow: false }
    if (holder.fast + holder.slow === 0) holder.progressAt = startedAt
    holder.fast += 1
    this.#fast.add(holding)
    this.#count(holding, 1)
    if (this.#nextSettle === Number.POSITIVE_INFINITY) this.#nextSettle = startedAt + slowDeliverySeconds * 1_000
    this.#placeAnew(holder)
    const counted: Attempt = {
      ...attempt,
      ended: (verdict, text) => {
        this.#holders.learn(holder, startedAt, verdict === 'success' || verdict === 'failure')
        this.#end(holding)
        attempt.ended(verdict, text)
      },
      givenBack: () => {
        holder.crowdedUntil = this.#now() + shareRememberedSeconds * 1_000
        this.#crowded.add(holder)
        this.#restsUntil = this.#now() + newcomerRestMilliseconds
        this.#end(holding)
        attempt.givenBack()
      },
    }
    return { attempt: counted, newcomer }
  }

  /** Move what has run for long, once a second at most. */
  settle(): void {
    const now = this.#now()
    if (now < this.#settledAt + settleMilliseconds) return
    this.#settledAt = now
    this.#nextSettle = Number.POSITIVE_INFINITY
    for (const holding of this.#fast) {
      const slowAt = holding.startedAt + slowDeliverySeconds * 1_000
      if (slowAt > now) {
        this.#nextSettle = slowAt
        break
      }
      if (this.#slow === this.#sizes.slow) break
      if (this.#hasSlowRoom(holding)) this.#moveAway(holding)
    }
    for (const holder of this.#crowded) {
      if (holder.crowdedUntil > now) continue
      this.#crowded.delete(holder)
      this.#placeAnew(holder)
    }
  }

  /** Milliseconds until settle() has something to move, or the last slots are free again; never if nothing is under way. */
  get settlesIn(): number {
    const now = this.#now()
    const settlesIn = Math.max(this.#nextSettle - now, settleMilliseconds)
    return this.#restsUntil > now ? Math.min(settlesIn, this.#restsUntil - now) : settlesIn
  }

  /** Slots in use for a name; without one, for everybody. */
  heldBy(name?: string): number {
    return name === undefined ? this.#fast.size : (this.#holders.known(name)?.fast ?? 0)
  }

  /** What waits though there is room, for the log; undefined if nothing does, or that was said within the last minute. */
  heldBack(): string | undefined {
    const now = this.#now()
    if (now < this.#saidAt + sayMilliseconds || !this.hasRoom) return undefined
    const [line] = this.#lines
      .filter(({ isEmpty }) => !isEmpty)
      .map((line) => line.census())
      .sort((a, b) => b.all - a.all)
    if (line === undefined) return undefined
    this.#saidAt = now
    return `${this.heldBy()}/${this.#sizes.slots}, ${line.all} wait, ${line.count} of them for ${logSafe(line.name)}, which holds ${this.heldBy(line.name)}`
  }

  get #mostWeight(): number {
    return this.#fast.size < this.#plain ? Number.POSITIVE_INFINITY : 0
  }

  get #room(): { readonly strangers: boolean; readonly doubtful: boolean } {
    const { slots, shared } = this.#sizes
    return {
      strangers: this.#strangers < (this.#holders.answering === 0 ? slots : slots - Math.floor(slots / answeringShareParts)),
      doubtful: !shared || this.#doubtful < half(slots),
    }
  }

  #hasSlowRoom({ holder, doubtful }: Holding): boolean {
    const { slow, shared } = this.#sizes
    if (!shared) return true
    return holder.slow < Math.max(1, Math.floor(slow / slowShareParts)) && (!doubtful || this.#slowDoubtful < half(slow))
  }

  #moveAway(holding: Holding): void {
    this.#fast.delete(holding)
    this.#count(holding, -1)
    holding.isSlow = true
    holding.holder.fast -= 1
    holding.holder.slow += 1
    this.#slow += 1
    if (holding.doubtful) this.#slowDoubtful += 1
    this.#placeAnew(holding.holder)
  }

  #end(holding: Holding): void {
    const { holder } = holding
    if (holding.isSlow) {
      holder.slow -= 1
      this.#slow -= 1
      if (holding.doubtful) this.#slowDoubtful -= 1
    } else {
      this.#fast.delete(holding)
      holder.fast -= 1
      this.#count(holding, -1)
    }
    this.#holders.letGo(holder)
    this.#placeAnew(holder)
  }

  #count({ stranger, doubtful }: Holding, change: 1 | -1): void {
    if (stranger) this.#strangers += change
    if (doubtful) this.#doubtful += change
  }

  #placeAnew({ name }: Holder): void {
    for (const line of this.#lines) if (!line.isEmpty) line.place(name)
  }
}

/** How many slots are left when a part of them is kept, with at least so many in it; one is never kept. */
function part(slots: number, parts: number, least: number): number {
  return Math.max(1, slots - Math.max(Math.ceil(slots / parts), least))
}

function half(slots: number): number {
  return Math.max(1, Math.floor(slots / doubtfulShareParts))
}
