/**
 * Which uid mail for a local part is delivered with, as far as users/cdb and /etc/passwd say so.
 *
 * No home is looked at and nobody is asked: for programs that only count, and must wait for nothing.
 */
import { resolve } from 'node:path'
import { lowerCase } from '@yabumi/address'
import { type AccountFiles, Accounts } from './accounts.ts'
import { AssignedUsers } from './assigned.ts'
import { LookupTrouble } from './trouble.ts'

const breakCharacter = '-'

/** The two tables, for the users of one home. */
export class UserTables {
  readonly #assigned: AssignedUsers
  readonly #accounts: Accounts

  /** @param home - the home's directory; @param files - see Accounts */
  constructor(home: string, files?: AccountFiles) {
    this.#assigned = new AssignedUsers(resolve(home, 'users/cdb'))
    this.#accounts = new Accounts(files)
  }

  /** @returns undefined if they do not say, or cannot be read */
  uidOf(local: string): number | undefined {
    try {
      return this.#assigned.find(local)?.uid ?? this.#uidOfAccount(local)
    } catch (error) {
      if (error instanceof LookupTrouble) return undefined
      throw error
    }
  }

  #uidOfAccount(local: string): number | undefined {
    for (let end = local.length; end > 0; end = local.lastIndexOf(breakCharacter, end - 1)) {
      const uid = this.#accounts.findInFile(lowerCase(local.slice(0, end)))?.uid
      if (uid !== undefined && uid !== 0) return uid
    }
    return undefined
  }
}
