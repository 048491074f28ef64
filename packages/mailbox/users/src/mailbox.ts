/** Whose mailbox a login opens. */
import { splitAddress } from '@yabumi/address'
import { Accounts } from './accounts.ts'
import { type Homes, ownHomes } from './homes.ts'
import type { User } from './user.ts'
import { Users } from './users.ts'

/** Strings are byte strings. */
export interface Mailbox {
  readonly user: string
  readonly uid: number
  readonly gid: number
  /** Further groups. */
  readonly groups: readonly number[]
  readonly home: string
  readonly shell: string
}

/**
 * The account that mail for this login is delivered to: users/cdb first, then the system's accounts.
 *
 * A mailbox of its own, `anna@example.org`, stands in users/cdb as `example.org-anna`, as mail for a virtual domain comes there. An app password's login
 * is `LOGIN/APP`, whose mailbox is that of LOGIN.
 *
 * Only a user as such has a mailbox to log in to: no extension of one, and not the alias account, which takes what is nobody's.
 *
 * @param home - the home's directory
 * @param homes - who looks at homes of users
 * @returns undefined if there is no such user
 * @throws LookupTrouble if that cannot be said now
 */
export async function mailboxOf(login: string, home: string, homes: Homes = ownHomes): Promise<Mailbox | undefined> {
  const users = new Users(home, undefined, homes)
  try {
    const found = await mailboxUser(login, users)
    if (found === undefined) return undefined
    const account = await new Accounts().find(found.user)
    const { user, uid, gid } = found
    return { user, uid, gid, groups: await users.groupsOf(found), home: found.home, shell: account?.shell || '/bin/sh' }
  } finally {
    users.close()
  }
}

/** Whose mailbox it is, as mailboxOf() has it. @throws LookupTrouble if that cannot be said now */
export async function mailboxUser(login: string, users: Users): Promise<User | undefined> {
  for (const name of namesOf(login)) {
    const user = await users.find(name)
    if (user.dash === '' && user.extension === '') return user
  }
  return undefined
}

/** What a login may stand as in the tables, in order. */
function namesOf(login: string): string[] {
  const base = login.split('/', 1)[0] ?? ''
  const { local, domain } = splitAddress(base)
  return [...new Set([login, base, ...(domain === undefined ? [] : [`${domain}-${local}`])])].filter((name) => name !== '')
}
