/** Handshakes of one client's network within a minute: each costs us a signature, and the client next to nothing. */
import { tlsRateClients } from '@yabumi/limits'
import { clientOf } from '@yabumi/listener'

const minute = 60_000

export class HandshakeRate {
  #counts = new Map<string, number>()
  #since = Number.NEGATIVE_INFINITY

  /**
   * Count one. Loopback has as many as it likes.
   *
   * @param most - within the minute
   * @param now - milliseconds, as performance.now()
   */
  admits(address: string, most: number, now: number = performance.now()): boolean {
    if (now - this.#since >= minute) {
      this.#counts = new Map()
      this.#since = now
    }
    const client = clientOf(address)
    if (client === 'loopback') return true
    const count = (this.#counts.get(client) ?? 0) + 1
    if (count > most) return false
    if (this.#counts.has(client) || this.#counts.size < tlsRateClients) this.#counts.set(client, count)
    return true
  }
}
