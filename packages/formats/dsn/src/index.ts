/** What became of a message, as mail servers tell each other (RFC 3464, RFC 6522), and qmail's bounces (QSBMF). */
export { type Fields, firstOf, readFieldGroups } from './fields.ts'
export { type Report, type ReportPart, readReport } from './parts.ts'
export { type Qsbmf, type QsbmfRecipient, readQsbmf, statusIn } from './qsbmf.ts'
export { type DeliveryStatus, type RecipientStatus, readDeliveryStatus } from './status.ts'
export { type DeliveredStatus, type MessageStatus, messageGroup, recipientGroup } from './write.ts'
