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

/** Split an address at its last @: the domain is what follows, the local part may itself hold @ or be empty. */
export function splitAddress(address: string): AddressParts {
  const at = address.lastIndexOf('@')
  return at < 0 ? { local: address, domain: undefined } : { local: address.slice(0, at), domain: address.slice(at + 1) }
}

/** Lower-case ASCII letters and nothing else: names of hosts and mailboxes are bytes, not characters. */
export function lowerCase(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase())
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
