/** Handshakes of one client's network within a minute: each costs us a signature, and the client next to nothing. */
import { tlsRateClients } from '@yabumi/limits'
import { ClientRate, clientOf } from '@yabumi/listener'

export class HandshakeRate {
  readonly #rate = new ClientRate(60, tlsRateClients)

  /**
   * Count one. Loopback has as many as it likes.
   *
   * @param most - within the minute
   * @param now - milliseconds, as performance.now()
   */
  admits(address: string, most: number, now: number = performance.now()): boolean {
    return clientOf(address) === 'loopback' || this.#rate.admits(address, most, now)
  }
}
