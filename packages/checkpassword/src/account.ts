/** As whom a login's session runs, and how this process becomes that account. */
import { becomeAccount } from '@yabumi/home'
import { Accounts, Users } from '@yabumi/users'

/** Strings are byte strings. */
export interface Mailbox {
  readonly user: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/**
 * The account that mail for this login is delivered to: users/cdb first, then the system's accounts.
 *
 * Only a user as such has a mailbox to log in to: no extension of one, and not the alias account, which takes what is nobody's.
 *
 * @returns undefined if there is no such user
 * @throws LookupTrouble if that cannot be said now
 */
export async function mailboxOf(login: string, home: string): Promise<Mailbox | undefined> {
  const users = new Users(home)
  const found = await users.find(login)
  users.close()
  if (found.dash !== '' || found.extension !== '') return undefined
  const account = await new Accounts().find(found.user)
  return { user: found.user, uid: found.uid, gid: found.gid, home: found.home, shell: account?.shell || '/bin/sh' }
}

/**
 * Drop root for good. Without root there is nothing to drop, and only one account to be.
 *
 * @returns false if this process cannot become that account
 */
export function become({ uid, gid }: Mailbox): boolean {
  if (process.geteuid?.() !== 0) return process.getuid?.() === uid
  becomeAccount({ uid, gid, groups: [] })
  return true
}
