/**
 * Messages with one recipient that are tried before they are preprocessed.
 *
 * Most messages have one recipient and are delivered at the first attempt. For those info/N and local/N or remote/N
 * would be written and synced for nothing, so they stay in S4 until it is known what came of that attempt. Delivered,
 * they go S4 -> S2 -> S1; otherwise they are preprocessed as any other message, S4 -> S5, and the outcome applied there.
 *
 * Crash   in between leaves S4: the one attempt that was under way is made again, as it would be in S5
 * Bound   only so many wait for a delivery slot, and only for a moment: what a busy channel cannot take is preprocessed
 */
import type { Attempt } from './attempt.ts'

export interface FirstTry extends Attempt {
  /** It waited too long, or nothing is to be started any more. */
  notTried(): void
}

const waitingAtMost = 4_096
const patienceSeconds = 10

export class FirstTries {
  #waiting: { readonly attempt: FirstTry; readonly until: number }[] = []

  get size(): number {
    return this.#waiting.length
  }

  /** When the longest waiting is given up, in seconds since 1970; never if none waits. */
  get nextDue(): number {
    return this.#waiting[0]?.until ?? Number.POSITIVE_INFINITY
  }

  /** @returns false if it must be preprocessed first */
  add(attempt: FirstTry, now: number): boolean {
    if (this.#waiting.length >= waitingAtMost) return false
    this.#waiting.push({ attempt, until: now + patienceSeconds + 1 })
    return true
  }

  take(): FirstTry | undefined {
    return this.#waiting.shift()?.attempt
  }

  /** Give up those that have waited too long; all of them by `Infinity`. */
  giveUp(now: number): void {
    while (this.#waiting.length > 0 && this.nextDue <= now) this.take()?.notTried()
  }
}
