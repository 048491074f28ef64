/** Which mechanisms clients are offered: none that would fail for a right password. */
import { readControl } from '@yabumi/control'
import { scramUnusedDays, usedLogins } from '@yabumi/limits'
import { keepsVerifiers } from '@yabumi/password'
import { DayFile, today } from './dayfile.ts'
import type { Passwords } from './passwords.ts'

const printableLogin = /^[!-9;-~\x80-\xff]+$/

export class Offers {
  readonly #passwords: Passwords
  /** The last day of each login that has no verifier, or the first on which that was seen: a file `unverified` beside the passwords. */
  readonly #used: DayFile
  #known: { readonly stamp: string; readonly allVerified: boolean } | undefined

  /** @param trouble - told why the file could not be read or written */
  constructor(passwords: Passwords, path: string, trouble: (error: unknown) => void) {
    this.#passwords = passwords
    this.#used = new DayFile(path, { shape: printableLogin, most: usedLogins, days: 10 * scramUnusedDays, trouble })
  }

  /** The best first. -PLUS goes without saying where the channel has a binding. @throws Trouble 4.3.0 if that cannot be said now */
  get mechanisms(): string[] {
    if (readControl('checkpassword') !== undefined) return ['PLAIN', 'LOGIN']
    const scram = keepsVerifiers() && this.#isScramSafe() ? ['SCRAM-SHA-256'] : []
    const tokens = readControl('oauth') === undefined ? [] : ['OAUTHBEARER', 'XOAUTH2']
    return [...scram, 'PLAIN', 'LOGIN', ...tokens, ...(this.#passwords.haveSecrets ? ['CRAM-MD5'] : [])]
  }

  /** A login was right without a verifier. */
  used(login: string, day: number = today()): void {
    this.#used.set(login, day)
    this.#known = undefined
  }

  /** Write down what has changed. */
  save(): void {
    this.#used.save()
  }

  #isScramSafe(): boolean {
    const stamp = `${today()} ${this.#passwords.stamp}`
    if (this.#known?.stamp !== stamp) this.#known = { stamp, allVerified: this.#areAllVerified() }
    return this.#known.allVerified
  }

  #areAllVerified(): boolean {
    let all = true
    for (const login of this.#passwords.withoutVerifier) {
      const day = this.#used.dayOf(login)
      if (day === undefined) this.#used.set(login, today())
      if (day === undefined || day > today() - scramUnusedDays) all = false
    }
    return all
  }
}
