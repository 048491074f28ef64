/** What smtpd answers to RCPT for an address, by the lists that it asks itself. The working directory is the home. */
import { judgeRecipient, type ListEntry, readAdmission, readRecipientLists, recipientReplies } from '@yabumi/receiving'

export interface RecipientAnswer {
  /** `250 ok`, or why not. */
  readonly reply: string
  /** What decided, if a list of recipients did. */
  readonly because: ListEntry | undefined
}

export interface RecipientAnswers {
  readonly strangers: RecipientAnswer
  /** Clients that have RELAYCLIENT. */
  readonly relayClients: RecipientAnswer
}

/** @throws Trouble if a control file cannot be read */
export function recipientAnswers(address: string): RecipientAnswers {
  const rules = { ...readAdmission(new Map()), ...readRecipientLists() }
  const answer = (relayClient: string | undefined): RecipientAnswer => {
    const { refuser, entry } = judgeRecipient(address, { ...rules, relayClient })
    return { reply: refuser === undefined ? '250 ok' : recipientReplies[refuser], because: entry }
  }
  return { strangers: answer(undefined), relayClients: answer('') }
}
