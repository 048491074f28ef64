/**
 * Somebody receives the mail of every local part: whom users/cdb names, an account of the system, or at last the alias
 * account.
 */
import { resolve } from 'node:path'
import { lowerCase } from '@yabumi/address'
import { account, type FileOwner } from '@yabumi/home'
import { errnoOf, type Trouble } from '@yabumi/trouble'
import { type AccountFiles, Accounts } from './accounts.ts'
import { AssignedUsers } from './assigned.ts'
import { type Homes, ownHomes } from './homes.ts'
import { LookupTrouble } from './trouble.ts'
import type { User } from './user.ts'

const longestName = 31 // of an account that receives mail (spec §7.4)
const breakCharacter = '-'
const aliasPrefix = `alias${breakCharacter}`
const aliasSeconds = 5 // how long it is believed who the alias account is: its groups are looked up in files, or by a program

/** The users of one home. */
export class Users {
  readonly #home: string
  readonly #assigned: AssignedUsers
  #aliasAccount: (FileOwner & { readonly until: number }) | undefined
  readonly #accounts: Accounts
  readonly #homes: Homes

  /** @param home - the home's directory; @param files - see Accounts; @param homes - who looks at homes of users */
  constructor(home: string, files?: AccountFiles, homes: Homes = ownHomes) {
    this.#home = resolve(home)
    this.#assigned = new AssignedUsers(resolve(home, 'users/cdb'))
    this.#accounts = new Accounts(files)
    this.#homes = homes
  }

  /**
   * Who receives mail for a local part. There is always somebody: at last the alias account.
   *
   * @throws LookupTrouble if that cannot be said now
   */
  async find(local: string): Promise<User> {
    return this.#assigned.find(local) ?? (await this.findAccount(local))
  }

  /**
   * Who receives it where users/cdb does not say: an account of the system, at last the alias account.
   *
   * @throws LookupTrouble if that cannot be said now
   */
  async findAccount(local: string): Promise<User> {
    return (await this.#ofSystem(local)) ?? this.#alias(local)
  }

  /**
   * The further groups of a user: those of the account of that name, if it has that uid. Whom only users/assign knows has none.
   *
   * @throws LookupTrouble 118 if that cannot be said now
   */
  async groupsOf({ user, uid, gid }: User): Promise<readonly number[]> {
    const account = await this.#accounts.find(user)
    if (account?.uid !== uid) return []
    return (await this.#accounts.groupsOf(account)).filter((group) => group !== gid)
  }

  /** Forget the open file. */
  close(): void {
    this.#assigned.close()
  }

  /** The account named by the local part, or by what precedes one of its hyphens, the longest name first. */
  async #ofSystem(local: string): Promise<User | undefined> {
    for (let end = local.length; end > 0; end = local.lastIndexOf(breakCharacter, end - 1)) {
      if (end > longestName) continue
      const found = await this.#accounts.find(lowerCase(local.slice(0, end)))
      if (found === undefined || found.uid === 0 || (await this.#homes.ownerOf(found.home, found.uid)) !== found.uid) continue
      const { name: user, uid, gid, home } = found
      if (end === local.length) return { user, uid, gid, home, dash: '', extension: '' }
      return { user, uid, gid, home, dash: '-', extension: local.slice(end + 1) }
    }
    return undefined
  }

  #alias(local: string): User {
    try {
      const now = performance.now()
      if (this.#aliasAccount === undefined || this.#aliasAccount.until <= now)
        this.#aliasAccount = { ...account('alias', this.#home), until: now + aliasSeconds * 1000 }
      const { uid, gid } = this.#aliasAccount
      const home = Buffer.from(resolve(this.#home, 'alias')).toString('latin1')
      return { user: 'alias', uid, gid, home, dash: '-', extension: withoutAlias(local) }
    } catch (trouble) {
      const cause = (trouble as Trouble).cause ?? trouble
      throw new LookupTrouble(errnoOf(cause) === 'ENOENT' ? 116 : 115, { cause: trouble })
    }
  }
}

/** qmail's alias account is called alias, and owns `alias-anything` as every account does. So does ours, whatever it is called. */
function withoutAlias(local: string): string {
  return lowerCase(local).startsWith(aliasPrefix) ? local.slice(aliasPrefix.length) : local
}
