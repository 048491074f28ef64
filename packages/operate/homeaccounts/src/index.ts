/** The accounts of a home: found, made, and given what is theirs. */
export {
  type AccountSettings,
  accountName,
  findAccount,
  findIntake,
  findKeys,
  groupName,
  hasOwnName,
  keyGroupName,
  membersOf,
  nameOf,
  sharesQueue,
  tlsGroupName,
} from './accounts.ts'
export { giveAccounts, ownersOf } from './give.ts'
export { hasKind, homeMode, makeHomeParts, ownedParts } from './homeparts.ts'
