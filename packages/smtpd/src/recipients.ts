/** Which recipients are taken, from whom. */
import { judgeRecipient, recipientReplies } from '@yabumi/admission'
import { reply } from './replies.ts'
import type { Settings } from './settings.ts'
import type { Transaction } from './transaction.ts'

/** Said by validrcptto and by a RCPTCHECK program. */
export const noMailbox: string = `${recipientReplies.validrcptto}\r\n`

/**
 * Judge a recipient: badmailfrom, then its address and the control files that judge recipients. The first that says no has the word.
 *
 * @returns the reply that refuses, or undefined
 * @throws Trouble 4.3.0 if one of them cannot be read
 */
export function recipientRefusal(recipient: string, transaction: Transaction, settings: Settings): string | undefined {
  if (transaction.badSender) return reply.badSender
  const { refuser } = judgeRecipient(recipient, settings)
  return refuser && `${recipientReplies[refuser]}\r\n`
}
