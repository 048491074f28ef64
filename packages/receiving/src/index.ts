/**
 * What the programs that take mail from the network have in common: whom to let in, the Received field, and the
 * frame of a program whose client speaks in netstrings.
 */

export { AddressList } from './addresslist.ts'
export { type Admission, admissionVariables, admits, leadingNumber, readAdmission } from './admission.ts'
export { AllowedHosts } from './allowedhosts.ts'
export { RecipientBudget } from './budget.ts'
export { ControlCdb } from './controlcdb.ts'
export { type AddressFault, recipientFault, senderFault } from './envelopeaddress.ts'
export type { ListEntry } from './listentry.ts'
export { type Answer, serveNetstrings } from './netstrings.ts'
export { type Ends, endsOf, type Hop, receivedField } from './received.ts'
export { type Judgement, judgeRecipient, type RecipientLists, readRecipientLists, recipientReplies } from './recipientjudge.ts'
export { readUnknownUsers, type UnknownUsers } from './unknownusers.ts'
