/** All deliveries to one address share one Peer: its count of connections, and those that are kept. */
import { Peer } from './peer.ts'

/** More than this are only remembered while something is under way there. */
const peersLimit = 1_000

/** All the addresses that mail goes to. */
export class Peers {
  readonly #peers = new Map<string, Peer>()

  /** @param from - our own address, or empty */
  at(address: string, port: number, from: string): Peer {
    const key = from === '' ? `${address} ${port}` : `${address} ${port} ${from}`
    const known = this.#peers.get(key)
    if (known !== undefined) return known
    if (this.#peers.size >= peersLimit) this.#forgetQuiet()
    const peer = new Peer()
    this.#peers.set(key, peer)
    return peer
  }

  /** Say QUIT wherever a connection is kept. */
  end(): void {
    for (const peer of this.#peers.values()) peer.end()
  }

  #forgetQuiet(): void {
    for (const [key, peer] of this.#peers) if (peer.quiet) this.#peers.delete(key)
  }
}
