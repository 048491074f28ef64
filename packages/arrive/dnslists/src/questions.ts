/** What a list is asked (RFC 5782). */
import { isIP } from 'node:net'
import { reverseZone } from '@yabumi/dns'

/** Longest domain that still fits in front of a list's zone. */
const domainBytes = 190

/** The labels of an address as a list has them: `7.2.0.192`, an IPv6 address by its digits (RFC 5782 §2.1, §2.4). @returns undefined for no address */
export function reversed(address: string): string | undefined {
  return reverseZone(address)?.replace(/\.(?:in-addr|ip6)\.arpa$/, '')
}

/** A domain that a list can be asked about: a name with a dot. @param name - a byte string. @returns undefined if it is none */
export function askableDomain(name: string): string | undefined {
  const domain = name.toLowerCase().replace(/\.$/, '')
  const isName = domain.length <= domainBytes && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(domain) && isIP(domain) === 0
  return isName ? domain : undefined
}
