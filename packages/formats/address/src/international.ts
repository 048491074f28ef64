/**
 * Addresses with other letters than ASCII's (RFC 6531): UTF-8 as byte strings, and domains in both of their forms.
 *
 * In the DNS a domain has A-labels (`xn--...`), before people U-labels (RFC 5890 §2.3.2.1). Both name one domain.
 */
import { isUtf8 } from 'node:buffer'
import { domainToASCII, domainToUnicode } from 'node:url'
import { lowerCase, splitAddress } from './parts.ts'

/** @param bytes - a byte string */
export function isAscii(bytes: string): boolean {
  return !/[\x80-\xff]/.test(bytes)
}

/** Whether bytes are UTF-8, as ASCII is. @param bytes - a byte string */
export function isUtf8Bytes(bytes: string): boolean {
  return isAscii(bytes) || isUtf8(Buffer.from(bytes, 'latin1'))
}

/**
 * A domain in A-labels, in lower case. ASCII stays what it is but for its case, be it a name or not.
 *
 * @param domain - a byte string
 * @returns undefined for what has bytes above 127 and no A-labels
 */
export function asciiDomain(domain: string): string | undefined {
  if (isAscii(domain)) return lowerCase(domain)
  return isUtf8Bytes(domain) ? domainToASCII(Buffer.from(domain, 'latin1').toString('utf8')) || undefined : undefined
}

/** A domain in U-labels, where it has some: a byte string of UTF-8. What has none stays what it is, in lower case. */
export function unicodeDomain(domain: string): string {
  const ascii = asciiDomain(domain) ?? lowerCase(domain)
  if (!ascii.includes('xn--')) return ascii
  return Buffer.from(domainToUnicode(ascii), 'utf8').toString('latin1') || ascii
}

/** An address with its domain in A-labels; one without a domain, or whose domain has none, stays what it is. */
export function withAsciiDomain(address: string): string {
  const { local, domain } = splitAddress(address)
  if (domain === undefined || isAscii(domain)) return address
  const ascii = asciiDomain(domain)
  return ascii === undefined ? address : `${local}@${ascii}`
}

/** UTF-8 as ASCII in a report and in ORCPT (RFC 6533 §3): `j\x{F6}rg@example.org`. @param address - a byte string */
export function asciiAddressText(address: string): string {
  const text = Buffer.from(address, 'latin1').toString('utf8')
  return text.replace(/[^!-~]|[\\+=]/gu, (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`)
}
