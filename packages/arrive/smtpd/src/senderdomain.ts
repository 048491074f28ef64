/**
 * Whether mail to the sender could be delivered: its domain has a mail host (control/mfcheck).
 *
 * The empty sender and address literals have no domain to look for.
 */
import { isIP } from 'node:net'
import { reply } from './replies.ts'

/** Look for MX records of the sender's domain, or addresses. @returns the reply that refuses it, or undefined. Never rejects */
export async function senderRefusal(sender: string): Promise<string | undefined> {
  if (sender === '') return undefined
  const at = sender.lastIndexOf('@')
  const domain = sender.slice(at + 1)
  if (at < 0 || domain === '') return reply.noSenderDomain
  if (isLiteral(domain)) return undefined
  const { findExchanges } = await import('@yabumi/dns') // late: the one-shot form should not pay for loading it
  const { kind } = await findExchanges(domain)
  if (kind === 'trouble') return reply.dnsTrouble
  return kind === 'found' ? undefined : reply.noSenderDomain
}

function isLiteral(domain: string): boolean {
  const [, address = ''] = /^\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]$/i.exec(domain) ?? []
  return isIP(address) !== 0
}
