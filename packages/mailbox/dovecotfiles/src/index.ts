/** The files that Dovecot keeps in a Maildir (spec §26), so that both may work on it at the same time. */
export { DotLock, StillLocked } from './dotlock.ts'
export { Keywords, keywordLetters } from './keywords.ts'
export { isCounted, isOver, noteUsage, type QuotaLimit, readUsage, type Usage } from './maildirsize.ts'
export { fieldOf, numberOf } from './records.ts'
export { changeSubscription, readSubscriptions } from './subscriptions.ts'
export { type Known, type Living, NoMoreUids, Uidlist } from './uidlist.ts'
export { nextUidValidity } from './uidvalidity.ts'
