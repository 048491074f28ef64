/**
 * Which recipients are taken, from whom: what the address itself and the control files say of one (spec §5.1, §11). The
 * sender's side is not asked here.
 */
import { AddressList } from './addresslist.ts'
import { type Admission, admits } from './admission.ts'
import { type AddressFault, recipientFault } from './envelopeaddress.ts'
import type { ListEntry } from './listentry.ts'
import { ValidRecipients } from './validrecipients.ts'

/** The control file that refuses, by its name or that of its text; or what is wrong with the address. */
export type Refuser = AddressFault | 'badrcptto' | 'rcpthosts' | 'validrcptto'

/** What smtpd says then. */
export const recipientReplies: Readonly<Record<Refuser, string>> = {
  nobody: '553 sorry, that address names nobody (#5.1.3)',
  domain: '553 sorry, a domain has no other bytes than letters, digits and .-_[]: (#5.1.3)',
  badrcptto: '553 sorry, your envelope recipient is in my badrcptto list (#5.7.1)',
  rcpthosts: "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
  validrcptto: '553 sorry, no mailbox here by that name. (#5.1.1)',
}

export interface RecipientLists {
  readonly badRecipients: AddressList | undefined
  /** If there is such a list, recipients who are not in it do not exist. */
  readonly validRecipients: ValidRecipients | undefined
}

/** @throws Trouble 4.3.0 that names the file */
export function readRecipientLists(): RecipientLists {
  return { badRecipients: AddressList.read('badrcptto', true), validRecipients: ValidRecipients.read() }
}

export interface Judgement {
  /** Undefined if the recipient is taken. */
  readonly refuser: Refuser | undefined
  /** The entry of badrcptto or validrcptto that decided, if one did. */
  readonly entry: ListEntry | undefined
}

const taken: Judgement = { refuser: undefined, entry: undefined }

/**
 * Ask the control files about a recipient: badrcptto, then, for clients that may not relay, rcpthosts and validrcptto; and look at
 * the address before the last of them. The first that says no has the word.
 *
 * @throws Trouble 4.3.0 if one of them cannot be read
 */
export function judgeRecipient(recipient: string, rules: Admission & RecipientLists): Judgement {
  const bad = rules.badRecipients?.entryFor(recipient)
  if (bad !== undefined) return { refuser: 'badrcptto', entry: bad }
  if (!admits(rules, recipient)) return { refuser: 'rcpthosts', entry: undefined }
  const fault = recipientFault(recipient)
  if (fault !== undefined) return { refuser: fault, entry: undefined }
  if (rules.relayClient !== undefined || rules.validRecipients === undefined) return taken
  const { accepts, entry } = rules.validRecipients.decide(recipient)
  return { refuser: accepts ? undefined : 'validrcptto', entry }
}
