/** Whom the operator lets in: what the control files and variables say of a client, a sender and a recipient. */
export { AddressList } from './addresslist.ts'
export { type Admission, admissionVariables, admits, leadingNumber, readAdmission } from './admission.ts'
export { type AddressFault, recipientFault, senderFault } from './envelopeaddress.ts'
export type { ListEntry } from './listentry.ts'
export { judgeRecipient, type RecipientLists, readRecipientLists, recipientReplies } from './recipientjudge.ts'
export { readUnknownUsers, type UnknownUsers } from './unknownusers.ts'
