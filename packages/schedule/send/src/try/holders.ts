/**
 * Whom the slots of a channel count for: users of this host, or destinations, which answer or do not. Destinations are
 * remembered for a while after their last delivery.
 */

/** A destination that ends none of its deliveries for so long counts as one that does not answer. */
const patienceMilliseconds = 5_000
/** Destinations that are remembered while nothing is under way there. */
const rememberedAtMost = 4_096

export interface Holder {
  readonly name: string
  /** Slots of the first set. */
  fast: number
  slow: number
  answers: boolean
  /** It kept us waiting when last tried. */
  silent: boolean
  /** When it was last heard of, or first asked. */
  progressAt: number
  /** Until when its network counts as one that has deliveries under way. */
  crowdedUntil: number
}

export class Holders {
  readonly #remote: boolean
  readonly #now: () => number
  readonly #holders = new Map<string, Holder>()
  /** How many known destinations answer. */
  answering = 0

  /** @param remote - they are destinations; @param now - a clock in milliseconds */
  constructor(remote: boolean, now: () => number) {
    this.#remote = remote
    this.#now = now
  }

  known(name: string): Holder | undefined {
    return this.#holders.get(name)
  }

  get(name: string): Holder {
    const known = this.#holders.get(name)
    if (known !== undefined) return known
    if (this.#holders.size >= rememberedAtMost) this.#forget()
    const holder = { name, fast: 0, slow: 0, answers: false, silent: false, progressAt: 0, crowdedUntil: 0 }
    this.#holders.set(name, holder)
    return holder
  }

  /** Not known to answer. */
  isStranger({ answers, fast, slow, progressAt }: Holder): boolean {
    return this.#remote && !(answers && (fast + slow === 0 || this.#now() - progressAt < patienceMilliseconds))
  }

  /** What the end of a delivery says of a destination. @param hasAnswered - it has taken or refused something */
  learn(holder: Holder, startedAt: number, hasAnswered: boolean): void {
    holder.progressAt = this.#now()
    const keptUsWaiting = !hasAnswered && holder.progressAt - startedAt > patienceMilliseconds
    if (hasAnswered) this.#setAnswers(holder, true)
    else if (keptUsWaiting) this.#setAnswers(holder, false)
    holder.silent = this.#remote && keptUsWaiting
  }

  /** A slot is given up: a user without any need not be remembered. */
  letGo({ name, fast, slow }: Holder): void {
    if (!this.#remote && fast + slow === 0) this.#holders.delete(name)
  }

  #setAnswers(holder: Holder, answers: boolean): void {
    if (holder.answers === answers) return
    holder.answers = answers
    this.answering += answers ? 1 : -1
  }

  /** Half of those that nothing is under way to, the ones heard of first. */
  #forget(): void {
    let count = rememberedAtMost / 2
    for (const [name, holder] of this.#holders) {
      if (count === 0) return
      count -= 1
      if (holder.fast + holder.slow > 0) continue
      this.#setAnswers(holder, false)
      this.#holders.delete(name)
    }
  }
}
