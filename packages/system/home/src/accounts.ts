/**
 * The accounts of a home. `accounts/`, a directory that root alone writes, has one empty file for each, and whose file
 * that is, it is. So who a program becomes is decided by what only root can change.
 *
 * A home without it has the accounts that own its parts (owners.ts).
 */
import { lstatSync, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorText, Trouble } from '@yabumi/trouble'
import type { Account, FileOwner, Role } from './account.ts'
import { groupsOf } from './groups.ts'
import { settleAccounts } from './once.ts'
import { partOwner } from './owners.ts'

const writableByOthers = 0o022
/** Those that speak TLS to strangers, and so read its keys. */
const holdKeys: ReadonlySet<Role> = new Set(['smtp', 'submit', 'front', 'web'])

/** Who owns a path of the home (relative to the working directory, or absolute). Symbolic links are followed. */
export function ownerOf(path: string): FileOwner {
  const { uid, gid } = statSync(path)
  return { uid, gid }
}

/**
 * The account of a role in this home, with the groups that the system gives it.
 *
 * @throws Trouble 4.3.0 if the home does not say who that is, or somebody else than root could have said it
 */
export function account(role: Role, home = '.'): Account {
  const entry = entryOf(role, home)
  if (entry === undefined) {
    const { uid, gid } = partOwner(role, home)
    return { uid, gid, groups: [] }
  }
  return { uid: entry.uid, ...groupsOf(entry.uid, role, home) }
}

/** The user number of a role's account. @throws as account() */
export function uidOf(role: Role, home = '.'): number {
  return (entryOf(role, home) ?? partOwner(role, home)).uid
}

/** The user numbers of roles; not every home has an account for each. */
export function uidsOf(some: readonly Role[]): Set<number> {
  const uids = new Set<number>()
  for (const role of some) {
    try {
      uids.add(uidOf(role))
    } catch {
      // nobody does that work here
    }
  }
  return uids
}

/**
 * Whom root becomes for the work of a role; undefined if this is not root, or if everything in the home is root's. Where the home has several accounts
 * and no accounts/ yet, that is made, of the owners of its parts.
 *
 * @throws Trouble as account()
 */
export function accountToBecome(role: Role): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  if (!hasAccounts('.')) settleAccounts()
  const found = account(role)
  if (found.uid === 0) return undefined
  const keys = holdKeys.has(role) ? keysGroup() : undefined
  return keys === undefined ? found : { ...found, keys }
}

/** The group that may read the keys of TLS: that of accounts/keys, a file of root's. Undefined where the home has none. */
export function keysGroup(home = '.'): number | undefined {
  const directory = directoryOf(home)
  if (directory === undefined || !directory.isDirectory() || !isRootsAlone(directory)) return undefined
  const entry = lstatSync(resolve(home, 'accounts/keys'), { throwIfNoEntry: false })
  return entry?.isFile() && entry.uid === 0 && entry.gid !== 0 ? entry.gid : undefined
}

/** The group that remote shares with no other account of the queue: it reads the keys that sign mail, and the passwords of relays. @throws Trouble as account(); 4.3.0 if there is none */
export function remoteKeysGroup(home = '.'): number {
  const others = [account('queue', home), account('send', home)].flatMap(({ gid, groups }) => [gid, ...groups])
  const gid = account('remote', home).groups.find((group) => !others.includes(group))
  if (gid === undefined) throw new Trouble('4.3.0', 'the account of remote is in no group of its own; make install makes one, remotekeys')
  return gid
}

/**
 * Become an account for good; its groups first, because nobody else may choose them.
 *
 * @throws Trouble 4.3.0 if this process may not
 */
export function becomeAccount({ uid, gid, groups, keys }: Account): void {
  try {
    process.setgroups?.([gid, ...groups])
    process.setgid?.(gid)
    if (keys !== undefined) process.setegid?.(keys)
    process.setuid?.(uid)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to become user ${uid}: ${errorText(cause)}; only root can`, { cause })
  }
}

/** The entry of a role; undefined if the home has no accounts/ at all. */
function entryOf(role: Role, home: string): Stats | undefined {
  const directory = directoryOf(home)
  if (directory === undefined) return undefined
  if (!directory.isDirectory() || !isRootsAlone(directory) || !isRootsAlone(statSync(home))) {
    throw new Trouble('4.3.0', `${resolve(home, 'accounts')} says who is who, and somebody else than root may change that; ${remedy}`)
  }
  const path = resolve(home, 'accounts', role)
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry === undefined) throw new Trouble('4.3.0', `${path} is missing, so nobody does that work here; ${remedy}`)
  if (!entry.isFile()) throw new Trouble('4.3.0', `${path} should be an empty file of the account that it names; ${remedy}`)
  if (entry.uid === 0) throw new Trouble('4.3.0', `${path} is root's, and root never does that work; ${remedy}`)
  return entry
}

function directoryOf(home: string): Stats | undefined {
  return lstatSync(resolve(home, 'accounts'), { throwIfNoEntry: false })
}

/** Whether the home says itself who its accounts are. */
export function hasAccounts(home: string): boolean {
  return directoryOf(home) !== undefined
}

const remedy = 'make install sets it right'

function isRootsAlone({ uid, mode }: Stats): boolean {
  return uid === 0 && (mode & writableByOthers) === 0
}
