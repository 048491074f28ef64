/**
 * The accounts of a home without accounts/: whoever owns a part is its account (qmail's table, spec §1.1). What qmail
 * does not have is done by the queue's.
 *
 * Parts of the queue are reached through directories of the queue's account. Root looks at them by lstat, and believes
 * no link.
 */
import { lstatSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { FileOwner, Role } from './account.ts'
import { descend } from './descend.ts'

const parts: ReadonlyMap<Role, string> = new Map([
  ['queue', 'queue'],
  ['send', 'queue/info'],
  ['remote', 'queue/lock/tcpto'],
  ['alias', 'alias'],
  ['smtp', 'smtpd'],
])
const later: ReadonlySet<Role> = new Set(['smtp']) // homes of qmail have no smtpd/

/**
 * Who owns the part of a role.
 *
 * @throws Trouble 4.3.0 if the home lacks it, or root cannot believe it
 */
export function partOwner(role: Role, home: string): FileOwner {
  const find = process.getuid?.() === 0 ? believedOwners(role, home) : (each: Role) => ownerFollowed(each, home)
  const found = find(role)
  if (found !== undefined) return found
  const part = parts.get(role)
  if (part !== undefined && !later.has(role)) throw unknownOwner(part, Object.assign(new Error(), { code: 'ENOENT' }))
  return find('queue') ?? statSync(home)
}

function ownerFollowed(role: Role, home: string): FileOwner | undefined {
  const part = parts.get(role)
  if (part === undefined) return undefined
  try {
    return statSync(resolve(home, part), { throwIfNoEntry: false })
  } catch (cause) {
    throw unknownOwner(part, cause)
  }
}

function believedOwners(role: Role, home: string): (role: Role) => FileOwner | undefined {
  const owners = partOwners(home)
  if (!owners.has(role) && !isOneUsers(owners))
    throw new Trouble('4.3.0', `${resolve(home)} has no account for ${role}; make install makes it`)
  return (each) => owners.get(each)
}

function unknownOwner(part: string, cause: unknown): Trouble {
  return new Trouble('4.3.0', `unable to find the owner of ${part}: ${errorText(cause)}; make the home with config-fast`, { cause })
}

/**
 * The owners of all the parts that are there, for root.
 *
 * @throws Trouble 4.3.0 if one is a link or has a second name, or some are root's and others are not
 */
export function partOwners(home: string): Map<Role, FileOwner> {
  const owners = new Map<Role, FileOwner>()
  for (const [role, part] of parts) {
    const owner = lookAt(part, home)
    if (owner !== undefined) owners.set(role, owner)
  }
  const uids = uidsOf(owners)
  if (uids.has(0) && uids.size > 1) {
    const list = [...owners].map(([role, { uid }]) => `${parts.get(role)} uid ${uid}`).join(', ')
    throw new Trouble(
      '4.3.0',
      `parts of ${resolve(home)} are root's and others are not (${list}); chown those, or let make install give each an account`,
    )
  }
  return owners
}

/** Whether everything is the same user's. alias/ counts for nothing: no delivery is ever root's. */
export function isOneUsers(owners: ReadonlyMap<Role, FileOwner>): boolean {
  return uidsOf(owners).size < 2
}

function uidsOf(owners: ReadonlyMap<Role, FileOwner>): Set<number> {
  return new Set([...owners].filter(([role]) => role !== 'alias').map(([, { uid }]) => uid))
}

function lookAt(part: string, home: string): FileOwner | undefined {
  try {
    return descend(home, part, (name) => {
      const stats = lstatSync(name)
      if (stats.isSymbolicLink()) throw new Error('it is a link')
      if (!stats.isDirectory() && stats.nlink !== 1) throw new Error('it has another name elsewhere')
      return { uid: stats.uid, gid: stats.gid }
    })
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    const path = resolve(home, part)
    throw new Trouble(
      '4.3.0',
      `unable to believe who owns ${path}: ${errorText(cause)}; put a directory or file there, or make accounts/`,
      { cause },
    )
  }
}
