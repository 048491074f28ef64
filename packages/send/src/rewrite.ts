/**
 * Where a recipient belongs, and what it is called there (spec §2.5.5); and back again for a bounce (§2.5.8).
 */
import type { ConstMap } from '@yabumi/control'
import type { Routing } from './controls.ts'

/** 0 local, 1 remote. */
export type ChannelNumber = 0 | 1
export const local = 0
export const remote = 1

export interface Destination {
  readonly channel: ChannelNumber
  readonly address: string
}

/** What rewriting needs to know beside the routing. */
export interface Rewriting {
  readonly envNoAtHost: string
  readonly percentHack: ConstMap
}

/** Send a recipient of an envelope to its channel. */
export function rewrite(recipient: string, rewriting: Rewriting, routing: Routing): Destination {
  const { address, domain } = withoutPercents(recipient, rewriting)
  if (routing.locals.has(domain)) return { channel: local, address }
  const prepend = routing.virtualDomains.get(address) ?? ofDomain(routing.virtualDomains, domain)
  if (prepend === undefined || prepend === '') return { channel: remote, address }
  return { channel: local, address: `${prepend}-${address}` }
}

/** With a host, and `u%y.test@ph.test` made `u@y.test` where ph.test is in percenthack, and so on for the new host. */
function withoutPercents(recipient: string, { envNoAtHost, percentHack }: Rewriting): { address: string; domain: string } {
  let address = recipient.includes('@') ? recipient : `${recipient}@${envNoAtHost}`
  let at = address.lastIndexOf('@')
  while (percentHack.has(address.slice(at + 1))) {
    const percent = address.slice(0, at).lastIndexOf('%')
    if (percent < 0) break
    address = `${address.slice(0, percent)}@${address.slice(percent + 1, at)}`
    at = percent
  }
  return { address, domain: address.slice(at + 1) }
}

/** The entry for a domain, else for the longest part of it that begins with a dot, else the one with the empty key. */
function ofDomain(virtualDomains: ConstMap, domain: string): string | undefined {
  let key = domain
  for (;;) {
    const value = virtualDomains.get(key)
    if (value !== undefined || key === '') return value
    const dot = key.indexOf('.', 1)
    key = dot < 0 ? '' : key.slice(dot)
  }
}

/** The recipient as the world knows it: without what a virtual domain has put in front. Entries for one address do not count. */
export function withoutPrepend(recipient: string, virtualDomains: ConstMap): string {
  const at = recipient.lastIndexOf('@')
  if (at < 0) return recipient
  const prepend = ofDomain(virtualDomains, recipient.slice(at + 1))
  if (prepend === undefined || prepend === '' || !recipient.startsWith(`${prepend}-`)) return recipient
  return recipient.slice(prepend.length + 1)
}
