/** What each client's network does within a period: so much, and no more before the period is over. */
import { networksOf } from './endpoint.ts'

export class ClientRate {
  readonly #milliseconds: number
  readonly #clients: number
  #counts = new Map<string, number>()
  #since = Number.NEGATIVE_INFINITY

  /** @param seconds - the period. @param clients - that are counted in it; those beyond are let through */
  constructor(seconds: number, clients: number) {
    this.#milliseconds = 1000 * seconds
    this.#clients = clients
  }

  /**
   * Count one of an address: an IPv4 address by itself, an IPv6 address with all of its /56.
   *
   * @param most - within the period
   * @param now - milliseconds, as performance.now()
   */
  admits(address: string, most: number, now: number = performance.now()): boolean {
    if (now - this.#since >= this.#milliseconds) {
      this.#counts = new Map()
      this.#since = now
    }
    const client = networksOf(address).at(-1) as string
    const count = (this.#counts.get(client) ?? 0) + 1
    if (count > most) return false
    if (this.#counts.has(client) || this.#counts.size < this.#clients) this.#counts.set(client, count)
    return true
  }
}
