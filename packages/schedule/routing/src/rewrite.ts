/**
 * Where a recipient belongs, and what it is called there (spec §2.5.5); and back again for a bounce (spec §2.5.8).
 */
import { withAsciiDomain } from '@yabumi/address'
import type { ConstMap } from '@yabumi/control'
import type { ChannelName } from '@yabumi/retrytimes'
import type { Rewriting, Routing } from './settings.ts'

export interface Destination {
  readonly channel: ChannelName
  readonly address: string
}

/** Send a recipient of an envelope to its channel. */
export function rewrite(recipient: string, rewriting: Rewriting, routing: Routing): Destination {
  const { address, domain } = withoutPercents(recipient, rewriting)
  if (routing.locals.has(domain)) return { channel: 'local', address }
  const key = virtualKey(routing.virtualDomains, domain, address)
  const prepend = key === undefined ? undefined : routing.virtualDomains.get(key)
  if (prepend === undefined || prepend === '') return { channel: 'remote', address: withAsciiDomain(address) }
  return { channel: 'local', address: `${prepend}-${address}` }
}

/** With a host, and `u%y.test@ph.test` made `u@y.test` where ph.test is in percenthack, and so on for the new host. */
export function withoutPercents(recipient: string, { envNoAtHost, percentHack }: Rewriting): { address: string; domain: string } {
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

/**
 * Which entry of virtualdomains decides: that of the address, of the domain, of the longest part of it that begins with a dot,
 * or the one with the empty key.
 */
export function virtualKey(virtualDomains: ConstMap, domain: string, address?: string): string | undefined {
  if (address !== undefined && virtualDomains.has(address)) return address
  let key = domain
  for (;;) {
    if (virtualDomains.has(key)) return key
    if (key === '') return undefined
    const dot = key.indexOf('.', 1)
    key = dot < 0 ? '' : key.slice(dot)
  }
}

/** The recipient as the world knows it: without what a virtual domain has put in front. Entries for one address do not count. */
export function withoutPrepend(recipient: string, virtualDomains: ConstMap): string {
  const at = recipient.lastIndexOf('@')
  if (at < 0) return recipient
  const key = virtualKey(virtualDomains, recipient.slice(at + 1))
  const prepend = key === undefined ? undefined : virtualDomains.get(key)
  if (prepend === undefined || prepend === '' || !recipient.startsWith(`${prepend}-`)) return recipient
  return recipient.slice(prepend.length + 1)
}
