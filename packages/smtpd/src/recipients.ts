/** Which recipients are taken, from whom. */
import { admits } from '@yabumi/receiving'
import { reply } from './replies.ts'
import type { Settings } from './settings.ts'
import type { Transaction } from './transaction.ts'

/**
 * Ask the control files about a recipient: badmailfrom, badrcptto, then, for clients that may not relay, rcpthosts and
 * validrcptto. The first that says no has the word.
 *
 * @returns the reply that refuses, or undefined
 * @throws Trouble 4.3.0 if one of them cannot be read
 */
export function recipientRefusal(recipient: string, transaction: Transaction, settings: Settings): string | undefined {
  if (transaction.badSender) return reply.badSender
  if (settings.badRecipients?.has(recipient)) return reply.badRecipient
  if (!admits(settings, recipient)) return reply.notAllowed
  if (settings.relayClient !== undefined) return undefined
  return settings.validRecipients?.has(recipient) === false ? reply.noMailbox : undefined
}
