/** Addresses as other hosts get them. One that would break the line, or has no such form, is not sent. */
import { doubleBounceSender, isDomain, isLocalPart, quoteAddress, splitAddress } from '@yabumi/address'
import type { AddressFault } from './texts.ts'

/** A sender as other hosts know it: what is nobody's but ours they refuse, and a bounce of a bounce would be lost. */
export function senderOutside(sender: string): string {
  return sender === doubleBounceSender ? '' : sender
}

/**
 * An address as it stands between < and > of MAIL and RCPT (spec §2.8.4): the local part quoted if need be; an address without @ likewise.
 *
 * @param utf8 - with SMTPUTF8, whose atoms may have other letters than those of ASCII
 * @returns the address, or why it has no such form
 */
export function wireAddress(address: string, utf8 = false): { readonly text: string } | { readonly fault: AddressFault } {
  if (/[\r\n\0]/.test(address)) return { fault: 'line break' }
  const { local, domain = '' } = splitAddress(address)
  if (/[^!-~]/.test(domain) && !/[\0- \x7f]/.test(domain)) return { fault: 'characters' }
  if (!isDomain(domain)) return { fault: 'domain' }
  const isPlain = utf8 && isLocalPart(local) && !local.startsWith('"')
  return { text: isPlain ? address : quoteAddress(address) }
}
