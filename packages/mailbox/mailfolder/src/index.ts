/**
 * Mailboxes of a Maildir as IMAP wants them, on the disk as Dovecot, Courier and mutt know them.
 *
 * `new MailAccount(maildir)`, `open(name)` for a Mailbox, `sync()`, `new View(mailbox, readWrite)` for a session.
 */

export type { QuotaLimit } from '@yabumi/dovecotfiles'
export { type Digest, type FileStamp, sameStamp } from '@yabumi/messagecache'
export { MailAccount } from './account.ts'
export { type AnnotationChange, Annotations } from './annotations.ts'
export type { Appended } from './bring.ts'
export { flagBits } from './filename.ts'
export { canonicalName } from './foldername.ts'
export type { Glance } from './glance.ts'
export type { Gone } from './history.ts'
export { toDisk, toWire, wireSize } from './lineends.ts'
export { Mailbox, type MessageState } from './mailbox.ts'
export type { ParkedView } from './parking.ts'
export { Refusal, type RefusalCode } from './refusal.ts'
export type { Status } from './status.ts'
export type { FlagChange, Stored } from './store.ts'
export { type News, View } from './view.ts'
export { watchDescriptor } from './watch.ts'
export { systemFlagBit, systemFlagWords } from './words.ts'
