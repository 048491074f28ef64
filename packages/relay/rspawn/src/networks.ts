/**
 * To which networks something is under way: an IPv4 /24 or an IPv6 /56, which is what one customer of a provider has.
 * Many domains may lead into one.
 */
import { isIPv4 } from 'node:net'

const prefixGroups = 3 // of 16 bits, and half a one

export class Networks {
  readonly #underWay = new Map<string, number>()

  /** Hold the networks of these addresses, until the answer is called. */
  hold(addresses: readonly string[]): () => void {
    const networks = new Set(addresses.map(networkOf))
    for (const network of networks) this.#underWay.set(network, (this.#underWay.get(network) ?? 0) + 1)
    return () => {
      for (const network of networks) {
        const left = (this.#underWay.get(network) as number) - 1
        if (left > 0) this.#underWay.set(network, left)
        else this.#underWay.delete(network)
      }
    }
  }

  /** One of these addresses' networks that is held. */
  heldOf(addresses: readonly string[]): string | undefined {
    return addresses.map(networkOf).find((network) => this.#underWay.has(network))
  }
}

/** `192.0.2.0/24`, `2001:db8:0:100::/56`. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`
  const groups = groupsOf(address)
  const [half = 0] = groups.slice(prefixGroups)
  return `${[...groups.slice(0, prefixGroups), half & 0xff00].map((group) => group.toString(16)).join(':')}::/56`
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('%', 1).join('').split('::')
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  if (tail === undefined) return numbers(head)
  const [front, back] = [numbers(head), numbers(tail)]
  return [...front, ...Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => 0), ...back]
}
