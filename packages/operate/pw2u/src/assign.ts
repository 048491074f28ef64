/** The lines of users/assign that accounts and subusers come to (spec §7.2, §7.3). */
import { lowerCase } from '@yabumi/address'
import { Trouble } from '@yabumi/trouble'
import { type Account, isUser, parseLine } from './account.ts'
import type { Options } from './options.ts'
import type { Tables } from './tables.ts'

/** The account that gets mail for everybody else. */
const aliasUser = 'alias'

export class Assignments {
  readonly #options: Options
  readonly #tables: Tables
  /** By name, in which case does not count. */
  readonly #accounts = new Map<string, Account>()
  #hasAlias = false

  constructor(options: Options, tables: Tables) {
    this.#options = options
    this.#tables = tables
  }

  /** The lines for the accounts of passwd(5) lines. @throws Trouble 4.3.0 if a home cannot be looked at */
  ofAccounts(passwd: readonly string[]): string {
    let text = ''
    for (const line of passwd) {
      const account = parseLine(line)
      if (account === undefined || !isUser(account, this.#options, this.#tables)) continue
      this.#accounts.set(lowerCase(account.user), account)
      if (account.user === aliasUser) this.#hasAlias = true
      text += accountLines(account, this.#options, this.#tables)
    }
    return text
  }

  /** Mail for nobody in particular must go somewhere. @throws Trouble 4.3.0 if there was no account for it */
  requireAliasUser(): void {
    if (!this.#hasAlias) throw new Trouble('4.3.0', 'unable to find alias user')
  }

  /** The lines for `sub:user:pre:` lines. @throws Trouble 4.3.0 if one of them is for none of those accounts */
  ofSubusers(subusers: readonly string[]): string {
    return subusers.map((line) => subuserLines(line, this.#accounts, this.#options)).join('')
  }
}

function accountLines(account: Account, { breakCharacter, dash }: Options, { mailNames }: Tables): string {
  const whose = whoseMail(account)
  let lines = account.user === aliasUser ? `+:${whose}:${dash}::\n` : ''
  for (const name of mailNames.get(account.user)?.split(':') ?? [account.user]) {
    if (name === '') continue
    lines += `=${name}:${whose}:::\n`
    if (breakCharacter !== '') lines += `+${name}${breakCharacter}:${whose}:${dash}::\n`
  }
  return lines
}

function subuserLines(line: string, accounts: ReadonlyMap<string, Account>, { breakCharacter, dash }: Options): string {
  const [name, user, prefix, end] = line.split(':')
  if (user === undefined || prefix === undefined) return ''
  const account = accounts.get(lowerCase(user))
  if (account === undefined) throw new Trouble('4.3.0', `unable to find ${user} user for subuser`)
  if (end === undefined) return ''
  const whose = whoseMail(account)
  const extended = breakCharacter === '' ? '' : `+${name}${breakCharacter}:${whose}:${dash}:${prefix}-:\n`
  return `=${name}:${whose}:${dash}:${prefix}:\n${extended}`
}

function whoseMail({ user, uid, gid, home }: Account): string {
  return `${user}:${uid}:${gid}:${home}`
}
