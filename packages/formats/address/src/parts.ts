/**
 * Mail addresses as byte strings: split at the last @, compare ignoring the case of the domain, quote for the wire.
 *
 * See spec §0.4 (quote, quote2) and RFC 5321 §4.1.2.
 */

/** The two parts of an address; domain is undefined if there is no @. */
export interface AddressParts {
  readonly local: string
  readonly domain: string | undefined
}

/** The sender of a message that is never bounced: its bounce has bounced. It has this meaning on this host alone. */
export const doubleBounceSender = '#@[]'

/** Split an address at its last @: the domain is what follows, the local part may itself hold @ or be empty. */
export function splitAddress(address: string): AddressParts {
  const at = address.lastIndexOf('@')
  return at < 0 ? { local: address, domain: undefined } : { local: address.slice(0, at), domain: address.slice(at + 1) }
}

/**
 * Whether a domain holds nothing but what names of hosts and address literals are made of: letters, digits and `.-_[]:`.
 *
 * A domain is never quoted, so what else is in one would be read as more than an address: its end, a parameter, a command.
 */
export function isDomain(domain: string): boolean {
  return !/[^A-Za-z0-9._[\]:-]/.test(domain)
}

/** `joe@example.org.` is `joe@example.org`: the dot of the root is no part of a domain in mail (RFC 5321 §2.3.5). */
export function withoutRootDot(address: string): string {
  return address.endsWith('.') && address.includes('@') ? address.slice(0, -1) : address
}

/** Lower-case ASCII letters and nothing else: names of hosts and mailboxes are bytes, not characters. */
export function lowerCase(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase())
}

/** An address with its domain in lower case: what differs in nothing else names one mailbox. */
export function withLowerDomain(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? address : address.slice(0, at) + lowerCase(address.slice(at))
}

const plain = /^[A-Za-z0-9`!#$%&'*+\-./=?^_{|}~]+$/

/** Whether a local part must be quoted to go into an SMTP command or a header. */
export function needsQuotes(local: string): boolean {
  return !plain.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')
}

/** A local part as it stands in an SMTP command or header. */
export function quoteLocal(local: string): string {
  return needsQuotes(local) ? `"${local.replace(/[\r\n"\\]/g, '\\$&')}"` : local
}

/** An address as it stands in an SMTP command or header: the local part quoted if need be, `@domain` unchanged. */
export function quoteAddress(address: string): string {
  if (address === '') return ''
  const { local, domain } = splitAddress(address)
  return domain === undefined ? quoteLocal(local) : `${quoteLocal(local)}@${domain}`
}
