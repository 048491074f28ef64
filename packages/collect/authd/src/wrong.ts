/**
 * Wrong passwords for one login, from wherever they come: after some, strangers are checked now and then only.
 *
 * Nobody is locked out: a client that has logged in to it well is checked as ever.
 */
import { wrongPasswordLogins, wrongPasswordPauseSeconds, wrongPasswordSeconds, wrongPasswords } from '@yabumi/limits'

interface Count {
  readonly until: number
  wrong: number
  nextAt: number
}

export class WrongPasswords {
  /** The oldest first. */
  readonly #counts = new Map<string, Count>()

  /** Whether there have been so many of late that guesses must be expected. */
  areMany(login: string, now: number): boolean {
    const count = this.#counts.get(login)
    return count !== undefined && now < count.until && count.wrong >= wrongPasswords
  }

  /** Whether a stranger may be checked now; that counts as the check of the next while. @param now - monotonic, in milliseconds */
  mayTry(login: string, now: number): boolean {
    const count = this.#counts.get(login)
    if (count === undefined || !this.areMany(login, now)) return true
    if (now < count.nextAt) return false
    count.nextAt = now + 1000 * wrongPasswordPauseSeconds
    return true
  }

  /** @returns whether strangers wait from now on */
  add(login: string, now: number): boolean {
    const old = this.#counts.get(login)
    const count = old === undefined || now >= old.until ? { until: now + 1000 * wrongPasswordSeconds, wrong: 0, nextAt: 0 } : old
    count.wrong += 1
    if (count !== old) {
      this.#counts.delete(login)
      const [oldest] = this.#counts.size < wrongPasswordLogins ? [] : this.#counts.keys()
      if (oldest !== undefined) this.#counts.delete(oldest)
      this.#counts.set(login, count)
    }
    if (count.wrong !== wrongPasswords) return false
    count.nextAt = now + 1000 * wrongPasswordPauseSeconds
    return true
  }
}
