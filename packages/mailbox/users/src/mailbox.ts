/** Whose mailbox a login opens. */
import { Accounts } from './accounts.ts'
import { type Homes, ownHomes } from './homes.ts'
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
    const found = await users.find(login)
    if (found.dash !== '' || found.extension !== '') return undefined
    const account = await new Accounts().find(found.user)
    const { user, uid, gid } = found
    return { user, uid, gid, groups: await users.groupsOf(found), home: found.home, shell: account?.shell || '/bin/sh' }
  } finally {
    users.close()
  }
}
