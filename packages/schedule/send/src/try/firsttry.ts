/**
 * Messages with one recipient that are tried before they are preprocessed.
 *
 * Most messages have one recipient and are delivered at the first attempt. For those info/N and local/N or remote/N
 * would be written and synced for nothing. So they stay in S4 until it is known what came of that attempt. Delivered,
 * they go S4 -> S2 -> S1. Otherwise they are preprocessed as any other message, S4 -> S5, and the outcome is applied
 * there.
 *
 * Crash   in between leaves S4: the one attempt that was under way is made again, as it would be in S5
 * Bound   only so many wait for a delivery slot, and only for a moment: what a busy channel cannot take is preprocessed
 */
import type { Attempt } from './attempt.ts'
import { Fifo } from './fifo.ts'
import { type Candidate, Line, type Rank } from './line.ts'

export interface FirstTry extends Attempt {
  /** It waited too long, or nothing is to be started any more. */
  notTried(): void
}

interface Entry {
  /** undefined: it waits no more. */
  attempt: FirstTry | undefined
  /** Seconds since 1970. */
  readonly until: number
}

const waitingAtMost = 4_096
const patienceSeconds = 10

export class FirstTries {
  readonly line: Line<Entry>
  /** In the order of their patience; some may have been taken. */
  readonly #entries = new Fifo<Entry>()
  #size = 0

  constructor(rankOf: (name: string) => Rank | undefined) {
    this.line = new Line(rankOf, ({ attempt }) => attempt !== undefined)
  }

  /** When the longest waiting is given up, in seconds since 1970; never if none waits. */
  get nextDue(): number {
    while (this.#entries.size > 0 && this.#entries.first?.attempt === undefined) this.#entries.shift()
    return this.#entries.first?.until ?? Number.POSITIVE_INFINITY
  }

  /** @param name - whom its slot counts for; @returns false if it must be preprocessed first */
  add(attempt: FirstTry, name: string, now: number): boolean {
    if (this.#size >= waitingAtMost) return false
    const entry = { attempt, until: now + patienceSeconds + 1 }
    this.#size += 1
    this.#entries.push(entry)
    this.line.add(entry, name, attempt.doubtful)
    return true
  }

  take(candidate: Candidate): FirstTry | undefined {
    const entry = this.line.take(candidate)
    return entry && this.#end(entry)
  }

  /** Give up those that have waited too long; all of them by `Infinity`. */
  giveUp(now: number): void {
    while (this.nextDue <= now) {
      const entry = this.#entries.shift()
      if (entry === undefined) return
      this.#end(entry)?.notTried()
    }
  }

  #end(entry: Entry): FirstTry | undefined {
    const { attempt } = entry
    entry.attempt = undefined
    this.#size -= 1
    return attempt
  }
}
