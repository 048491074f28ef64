/** Addresses as SPF compares them: bit by bit, IPv4 in IPv6 as IPv4 (RFC 7208 §5). */
import { reverseZone } from '@yabumi/dns'

/** One address, or the first of a network. */
export interface Address {
  /** As the macro `v` has it (RFC 7208 §7.2). */
  readonly family: 'in-addr' | 'ip6'
  /** 32 or 128 characters, `0` and `1`. */
  readonly bits: string
  /** As the macro `i` has it: four numbers or 32 nibbles in upper case, with dots between. */
  readonly dotted: string
}

const mappedBits = '0'.repeat(80) + '1'.repeat(16)

/** @returns undefined for what is no address */
export function addressOf(text: string): Address | undefined {
  const zone = reverseZone(text)
  if (zone === undefined) return undefined
  const [family, digits] = zone.endsWith('.ip6.arpa') ? (['ip6', 4] as const) : (['in-addr', 8] as const)
  const parts = zone.split('.').slice(0, -2).reverse()
  const bits = parts
    .map((part) =>
      Number.parseInt(part, family === 'ip6' ? 16 : 10)
        .toString(2)
        .padStart(digits, '0'),
    )
    .join('')
  return bits.startsWith(mappedBits) ? fromMapped(bits) : { family, bits, dotted: parts.join('.').toUpperCase() }
}

function fromMapped(bits: string): Address {
  const own = bits.slice(mappedBits.length)
  const dotted = [0, 8, 16, 24].map((at) => Number.parseInt(own.slice(at, at + 8), 2)).join('.')
  return { family: 'in-addr', bits: own, dotted }
}

/** Those of a literal network: what `ip6:` holds stays IPv6, also IPv4 in it, which then is no client's. */
export function networkBits(text: string, family: Address['family']): string | undefined {
  if (!(family === 'ip6' ? /^[0-9A-Fa-f:.]+$/ : /^[0-9.]+$/).test(text) || text.includes(':') !== (family === 'ip6')) return undefined
  const address = addressOf(text)
  return address === undefined || address.family === family ? address?.bits : mappedBits + address.bits
}

export function isWithin(address: Address, network: string, prefixBits: number): boolean {
  return address.bits.length === network.length && address.bits.startsWith(network.slice(0, prefixBits))
}
