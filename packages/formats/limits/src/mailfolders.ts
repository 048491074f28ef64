/** Mailboxes that IMAP serves: what their files may hold, and how long locks are waited for. */

/** Seconds that a dotlock of another program is waited for, and after which a lock is stale: Dovecot's numbers. */
export const dotlockPatienceSeconds = 122
export const dotlockStaleSeconds = 120
/** Longest dovecot-uidlist that is read, in bytes: some millions of messages. */
export const uidlistBytes = 536_870_912
/** Longest dovecot-keywords, and longest keyword, in bytes. */
export const keywordsFileBytes = 65_536
export const keywordBytes = 200
/** Keywords of a mailbox beyond the 26 that have a letter in file names. */
export const furtherKeywords = 31
/** Longest file of subscriptions, in bytes. */
export const subscriptionsBytes = 4_194_304
/** Length of maildirsize beyond which it is counted anew, in bytes: Courier's number. */
export const maildirsizeBytes = 5_120
/** Entries that a user may note of one mailbox, and bytes of one value (RFC 5464). */
export const annotationEntries = 100
export const annotationBytes = 16_384
/** Longest name of a mailbox, in bytes: its directory has a dot more. */
export const folderNameBytes = 254
/** Numbers of changes that a mailbox reserves on the disk at once. */
export const modseqBlock = 1_000
/** Ranges of expunged messages that a mailbox remembers for QRESYNC. */
export const expungeHistoryEntries = 40_000
/** Seconds after which a mailbox is looked at whole, even if no event told of a change. */
export const lookWholeSeconds = 300
/** Mailboxes that a worker keeps ready. */
export const openFolders = 20
/** Longest cache of a mailbox, and what it holds of one message, in bytes. */
export const messageCacheBytes = 268_435_456
export const cachedMessageBytes = 65_536
