/**
 * Who receives mail for a local part: the account, its home, and what of the address is left as extension.
 *
 * First users/cdb as newu writes it (spec §7.1), then the accounts of the system (spec §7.4), at last the alias account
 * of the home. Every answer is that of the files as they are now: an edit counts from the next look-up on.
 */

export { Accounts, type SystemAccount } from './accounts.ts'
export { AssignedUsers } from './assigned.ts'
export { type GroupFiles, Groups } from './groups.ts'
export { type Homes, unseenHomes } from './homes.ts'
export { type Mailbox, mailboxOf, mailboxUser } from './mailbox.ts'
export { type Sharing, sharingOf } from './sharedaccounts.ts'
export { UserTables } from './tables.ts'
export { type LookupExit, LookupTrouble, SilentHome } from './trouble.ts'
export type { User } from './user.ts'
export { Users } from './users.ts'
export { type HomeLimits, WatchedHomes } from './watchedhomes.ts'
