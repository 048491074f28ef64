/** The home of a program, and the accounts that do its work. */

export {
  type Account,
  account,
  accountToBecome,
  becomeAccount,
  type FileOwner,
  hasAccounts,
  ownerOf,
  type Role,
  roles,
  uidOf,
  uidsOf,
} from './accounts.ts'
export { actAs, asAccount, become, becomeOwner } from './acting.ts'
export { descend, O_PATH } from './descend.ts'
export { inDirectory, makeDirectories } from './directories.ts'
export { type SystemAccount, systemAccount } from './groups.ts'
export { enterHome, homeDirectory, programPath } from './home.ts'
export { isOurs } from './ours.ts'
export { isOneUsers, partOwners } from './owners.ts'
export { becomeUser, userWords } from './user.ts'
