import { quoteAddress, splitAddress } from '@yabumi/address'
import type { AddressFault } from './texts.ts'

/**
 * An address as it stands between < and > of MAIL and RCPT (spec §2.8.4): the local part quoted if need be; an address without @ likewise.
 *
 * A domain is not quoted, so what is in one that no domain has would be read as more than an address: an end of it, a parameter, a command.
 *
 * @returns the address, or why it has no such form
 */
export function wireAddress(address: string): { readonly text: string } | { readonly fault: AddressFault } {
  if (/[\r\n\0]/.test(address)) return { fault: 'line break' }
  const { domain = '' } = splitAddress(address)
  if (/[^!-~]/.test(domain) && !/[\0- \x7f]/.test(domain)) return { fault: 'characters' }
  return /[^A-Za-z0-9._[\]:-]/.test(domain) ? { fault: 'domain' } : { text: quoteAddress(address) }
}
