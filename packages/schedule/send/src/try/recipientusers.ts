/**
 * Whose slot a local delivery takes: the uid that the mail is delivered with, by the tables alone.
 *
 * send waits for nobody, so a home or a name service that does not answer is not asked. Where the tables do not say,
 * the local part up to its first hyphen counts as a user.
 */
import { lowerCase } from '@yabumi/address'
import { rememberedShares, shareRememberedSeconds } from '@yabumi/limits'
import { UserTables } from '@yabumi/users'

const breakCharacter = '-'

export class RecipientUsers {
  readonly #tables: UserTables
  readonly #now: () => number
  readonly #known = new Map<string, { readonly name: string; readonly until: number }>()

  /** @param home - the home's directory; @param now - a clock in milliseconds */
  constructor(home: string, now: () => number = () => performance.now()) {
    this.#tables = new UserTables(home)
    this.#now = now
  }

  /** `uid 1000`, or `user ann`. */
  nameOf(recipient: string): string {
    const local = recipient.slice(0, recipient.lastIndexOf('@'))
    const known = this.#known.get(local)
    const now = this.#now()
    if (known !== undefined && known.until > now) return known.name
    const uid = this.#tables.uidOf(local)
    const name = uid === undefined ? `user ${lowerCase(local.split(breakCharacter, 1)[0] as string)}` : `uid ${uid}`
    if (this.#known.size >= rememberedShares) this.#known.clear()
    this.#known.set(local, { name, until: now + shareRememberedSeconds * 1_000 })
    return name
  }
}
