/**
 * Which addresses from the network go into an envelope. Others would be lost on their way, or be more than an address
 * for the next host.
 */
import { doubleBounceSender, isDomain, splitAddress } from '@yabumi/address'

/** It names nobody; or its domain holds bytes that no domain has. */
export type AddressFault = 'nobody' | 'domain'

/** What is wrong with a recipient. */
export function recipientFault(recipient: string): AddressFault | undefined {
  const { local, domain } = splitAddress(recipient)
  if (local === '' || domain === '') return 'nobody'
  return isDomain(domain ?? '') ? undefined : 'domain'
}

/**
 * What is wrong with a sender: its domain, or that it is the one of our own bounces of bounces. From elsewhere that one would have a
 * message thrown away that cannot be delivered.
 */
export function senderFault(sender: string): AddressFault | undefined {
  if (sender === doubleBounceSender) return 'nobody'
  return isDomain(splitAddress(sender).domain ?? '') ? undefined : 'domain'
}
