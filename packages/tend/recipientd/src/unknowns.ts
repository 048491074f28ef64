/**
 * Recipients that do not exist, by the network of the client that has named them. A client that tries names gets slower
 * answers, and then none for a while.
 *
 * A recipient who exists is never put off.
 */
import { isIP } from 'node:net'
import { unknownRecipientNetworks, unknownRecipientSeconds, unknownRecipientsPutOff, unknownRecipientsSlow } from '@yabumi/limits'
import { networksOf } from '@yabumi/listener'
import type { Pace, Verdict } from '@yabumi/recipientprotocol'

interface Count {
  readonly until: number
  named: number
}

/** @returns the network around a client that has one owner: an IPv4 address, a /56; all that is no address is one */
export function networkOf(client: string): string {
  return (isIP(client) === 0 ? undefined : networksOf(client.toLowerCase()).at(-1)) ?? 'unknown'
}

export class UnknownRecipients {
  /** The oldest first. */
  readonly #counts = new Map<string, Count>()

  /** Count an answer. @returns how it is given. @param now - monotonic, in milliseconds */
  paceOf(verdict: Verdict, network: string, now: number): Pace {
    const named = verdict === 'unknown' ? this.#add(network, now) : this.#named(network, now)
    if (named > unknownRecipientsPutOff && verdict === 'unknown') return 'later'
    return named > unknownRecipientsSlow ? 'slowly' : 'at once'
  }

  #named(network: string, now: number): number {
    const count = this.#counts.get(network)
    return count !== undefined && now < count.until ? count.named : 0
  }

  #add(network: string, now: number): number {
    const old = this.#counts.get(network)
    if (old !== undefined && now < old.until) {
      old.named += 1
      return old.named
    }
    this.#counts.delete(network)
    const [oldest] = this.#counts.size < unknownRecipientNetworks ? [] : this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
    this.#counts.set(network, { until: now + 1000 * unknownRecipientSeconds, named: 1 })
    return 1
  }
}
