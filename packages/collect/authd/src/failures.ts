/**
 * Wrong logins of one client, whichever login they name. Each is answered later than the one before, and after some the
 * client is refused.
 *
 * A client that has logged in well is never refused: somebody else may have the same address.
 */
import { LastGood } from '@yabumi/control'
import { authDelaySeconds, authFailures, failingClients, wrongPasswordSeconds } from '@yabumi/limits'

const mostFailures = 1_000_000

interface Count {
  readonly until: number
  readonly wrong: number
}

export class Failures {
  /** The one that failed longest ago first. */
  readonly #counts = new Map<string, Count>()
  readonly #most: LastGood

  /** @param log - as of LastGood */
  constructor(log: (line: string) => void) {
    this.#most = new LastGood('authfailures', { otherwise: authFailures, largest: mostFailures }, log)
  }

  /** @returns the seconds that the answer should wait. @param now - monotonic, in milliseconds */
  add(client: string, now: number): number {
    const earlier = this.#of(client, now)
    this.#counts.delete(client)
    const [oldest] = this.#counts.size < failingClients ? [] : this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
    this.#counts.set(client, { until: now + 1000 * wrongPasswordSeconds, wrong: earlier + 1 })
    return Math.min(1 + earlier, authDelaySeconds)
  }

  /** Whether it has failed so often that it should not be heard for a while. */
  areMany(client: string, now: number): boolean {
    const most = this.#most.value
    return most > 0 && this.#of(client, now) >= most
  }

  forget(client: string): void {
    this.#counts.delete(client)
  }

  #of(client: string, now: number): number {
    const count = this.#counts.get(client)
    return count === undefined || now >= count.until ? 0 : count.wrong
  }
}
