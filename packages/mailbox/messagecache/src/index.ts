/** What IMAP tells of a mailbox's messages without reading their files. It may be lost at any time. */
export { MessageCache } from './cache.ts'
export { type Digest, type FileStamp, sameStamp } from './record.ts'
