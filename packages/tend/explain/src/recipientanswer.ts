/**
 * What smtpd answers to RCPT for an address: by the lists that it asks itself, then as recipientd would say. The
 * working directory is the home.
 */
import { judgeRecipient, type ListEntry, readAdmission, readRecipientLists, readUnknownUsers, recipientReplies } from '@yabumi/admission'
import { type Answer, lookInHome, Recipients } from '@yabumi/recipient'
import { Users } from '@yabumi/users'
import { asUser, mayActAs } from './localway.ts'

export interface RecipientAnswer {
  /** `250 ok`, or why not. */
  readonly reply: string
  /** What decided, if a list of recipients did. */
  readonly because: ListEntry | undefined
  /** What recipientd would say, where it is asked. */
  readonly recipientd: Answer | undefined
}

export interface RecipientAnswers {
  readonly strangers: RecipientAnswer
  /** Clients that have RELAYCLIENT. */
  readonly relayClients: RecipientAnswer
}

/** @throws Trouble if a control file cannot be read */
export async function recipientAnswers(address: string): Promise<RecipientAnswers> {
  const rules = { ...readAdmission(new Map()), ...readRecipientLists() }
  const asks = readUnknownUsers() === 'refuse'
  const answer = async (relayClient: string | undefined): Promise<RecipientAnswer> => {
    const { refuser, entry } = judgeRecipient(address, { ...rules, relayClient })
    if (refuser !== undefined) return { reply: recipientReplies[refuser], because: entry, recipientd: undefined }
    const recipientd = asks && relayClient === undefined ? await answerOfRecipientd(address) : undefined
    const reply = recipientd?.verdict === 'unknown' ? recipientReplies.validrcptto : '250 ok'
    return { reply, because: entry, recipientd }
  }
  return { strangers: await answer(undefined), relayClients: await answer('') }
}

async function answerOfRecipientd(address: string): Promise<Answer> {
  const users = new Users('.')
  const recipients = new Recipients(users, (user, request) => {
    if (mayActAs(user)) return asUser(user, () => lookInHome(request))
    return { verdict: 'uncertain', because: `only ${user.user} and root can look into ${user.home}, which recipientd does` }
  })
  try {
    return await recipients.answer(address)
  } catch (error) {
    return { verdict: 'uncertain', because: error instanceof Error ? error.message : String(error) }
  } finally {
    users.close()
  }
}
