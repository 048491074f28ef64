/** The passes of both channels, and the messages that they try before they are preprocessed. */
import { nowSeconds } from '@yabumi/dates'
import type { MessageId } from '@yabumi/queuedir'
import type { ChannelName } from '@yabumi/retrytimes'
import { both, type PerChannel } from '../keep/channel.ts'
import type { FirstTry } from './firsttry.ts'
import type { Pass } from './pass.ts'

export class Passes {
  readonly #passes: PerChannel<Pass>
  /** Messages that are tried, or wait to be, before they are preprocessed. */
  beingTried = 0

  constructor(passes: PerChannel<Pass>) {
    this.#passes = passes
  }

  /** Try a message before it is preprocessed. @returns false if that must come first */
  tryFirst(channel: ChannelName, attempt: FirstTry): boolean {
    const over = (): void => {
      this.beingTried -= 1
    }
    const counted: FirstTry = {
      ...attempt,
      ended: (verdict, text) => {
        over()
        attempt.ended(verdict, text)
      },
      notTried: () => {
        over()
        attempt.notTried()
      },
    }
    const taken = this.#passes[channel].tryFirst(counted, nowSeconds())
    if (taken) this.beingTried += 1
    return taken
  }

  /**
   * Start what is due, as far as there are slots, and give up what has waited too long to be tried first.
   *
   * @param now - seconds since 1970
   * @returns whether there is more to do in the next turn
   */
  advance(now: number): boolean {
    let more = false
    for (const pass of both(this.#passes)) {
      more = pass.advance(now) || more
      pass.firstTries.giveUp(now)
    }
    return more
  }

  /** Nothing is tried first any more. */
  giveUp(): void {
    for (const { firstTries } of both(this.#passes)) firstTries.giveUp(Number.POSITIVE_INFINITY)
  }

  /** The messages of a channel that wait as mere numbers; they wait here no more. */
  giveBack(channel: ChannelName): MessageId[] {
    return this.#passes[channel].giveBack()
  }

  /** When the longest waiting of each channel is given up, in seconds since 1970. */
  get nextDue(): readonly number[] {
    return both(this.#passes).map(({ firstTries }) => firstTries.nextDue)
  }

  /** Milliseconds until one of the channels is to be looked at though nothing has happened. */
  get settlesIn(): number {
    return Math.min(...both(this.#passes).map(({ settlesIn }) => settlesIn))
  }
}
