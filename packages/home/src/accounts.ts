/**
 * The accounts of a home. `accounts/`, a directory that root alone writes, has one empty file for each, and whose file that is, it is. So who a
 * program becomes is decided by what only root can change.
 *
 * A home without it has the accounts that own its parts, as qmail's table says (spec §1.1); what qmail does not have is done by the queue's.
 */
import { lstatSync, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { groupsOf } from './groups.ts'

/** What accounts are for. README.md of package installation says what each of them may do. */
export const roles = ['queue', 'send', 'remote', 'alias', 'smtp', 'submit', 'front', 'auth', 'acme', 'web', 'log', 'check'] as const
export type Role = (typeof roles)[number]

/** A user and group number. */
export interface FileOwner {
  readonly uid: number
  readonly gid: number
}

/** Whom a program becomes. */
export interface Account extends FileOwner {
  /** Further groups; gid is none of them. */
  readonly groups: readonly number[]
}

/** What says who an account is where there is no accounts/. */
const ownedBy: Partial<Record<Role, string>> = {
  queue: 'queue',
  send: 'queue/info',
  remote: 'queue/lock/tcpto',
  alias: 'alias',
  smtp: 'smtpd',
}
const writableByOthers = 0o022

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
  if (entry === undefined) return { ...oldOwner(role, home), groups: [] }
  return { uid: entry.uid, ...groupsOf(entry.uid, role, home) }
}

/** The user number of a role's account. @throws as account() */
export function uidOf(role: Role, home = '.'): number {
  return (entryOf(role, home) ?? oldOwner(role, home)).uid
}

/**
 * Whom root becomes for the work of a role; undefined if this is not root, or if that part of the home is root's own.
 *
 * @throws as account()
 */
export function accountToBecome(role: Role): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  if (role === 'smtp' && entryOf(role, '.') === undefined && !isThere('queue')) return undefined // nothing is anybody's yet
  const found = account(role)
  return found.uid === 0 ? undefined : found
}

/**
 * Become an account for good; its groups first, because nobody else may choose them.
 *
 * @throws Trouble 4.3.0 if this process may not
 */
export function becomeAccount({ uid, gid, groups }: Account): void {
  try {
    process.setgroups?.([gid, ...groups])
    process.setgid?.(gid)
    process.setuid?.(uid)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to become user ${uid}: ${errorText(cause)}; only root can`, { cause })
  }
}

/** The entry of a role; undefined if the home has no accounts/ at all. */
function entryOf(role: Role, home: string): Stats | undefined {
  const directory = lstatSync(resolve(home, 'accounts'), { throwIfNoEntry: false })
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

const remedy = 'make install sets it right'

function isRootsAlone({ uid, mode }: Stats): boolean {
  return uid === 0 && (mode & writableByOthers) === 0
}

/** Whoever owns that part of the home. */
function oldOwner(role: Role, home: string): FileOwner {
  const part = ownedBy[role] ?? 'queue'
  try {
    return ownerOf(resolve(home, part))
  } catch (cause) {
    if (role === 'smtp' && errnoOf(cause) === 'ENOENT') return oldOwner('queue', home)
    throw new Trouble('4.3.0', `unable to find the owner of ${part}: ${errorText(cause)}; make the home with config-fast`, { cause })
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
