/**
 * What was right a short while ago, so that a mailbox that is polled every minute costs a slow hash only now and then.
 *
 * Nothing is kept that could be a password: only a keyed digest of login and secret, whose key dies with this process.
 * It counts for the line that it was checked against and for no other one, so a changed password ends it.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { loginProofSeconds, loginProofs } from '@yabumi/limits'

interface Proven {
  readonly line: string
  readonly until: number
}

export class Proofs {
  readonly #key = randomBytes(32)
  /** The oldest first. */
  readonly #proven = new Map<string, Proven>()

  /** @param line - the login's line of the password file, as it is now. @param now - monotonic, in milliseconds */
  isProven(login: string, secret: string, line: string, now: number): boolean {
    const proven = this.#proven.get(this.#digest(login, secret))
    return proven !== undefined && proven.line === line && now < proven.until
  }

  add(login: string, secret: string, line: string, now: number): void {
    const digest = this.#digest(login, secret)
    this.#proven.delete(digest)
    const [oldest] = this.#proven.size < loginProofs ? [] : this.#proven.keys()
    if (oldest !== undefined) this.#proven.delete(oldest)
    this.#proven.set(digest, { line, until: now + 1000 * loginProofSeconds })
  }

  #digest(login: string, secret: string): string {
    return createHmac('sha256', this.#key).update(`${login}\0${secret}`, 'latin1').digest('base64')
  }
}
