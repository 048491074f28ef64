/** How often a certificate was tried for in vain: authorities count that, and lock out who tries too often. */
import { acmeLongestPauseSeconds, acmeShortestPauseSeconds } from '@yabumi/limits'
import { Refusal } from './authority.ts'

export class Tries {
  readonly #failures: number
  /** Milliseconds since 1970. */
  readonly notBefore: number

  /** @param text - what failed() has made; anything else counts as nothing */
  constructor(text: string | undefined) {
    const [, failures = '0', notBefore = '0'] = /^([0-9]{1,6}) ([0-9]{1,15})\n$/.exec(text ?? '') ?? []
    this.#failures = Number(failures)
    this.notBefore = Number(notBefore)
  }

  /** It has failed once more: an hour, two, four, up to a day, or as long as the authority says. */
  failed(error: unknown): { retryAt: number; text: string } {
    const doubled = acmeShortestPauseSeconds * 2 ** Math.min(this.#failures, 10)
    const said = error instanceof Refusal ? (error.retrySeconds ?? 0) : 0
    const pause = Math.max(Math.min(doubled, acmeLongestPauseSeconds), Math.min(said, 7 * acmeLongestPauseSeconds))
    const retryAt = Math.ceil(Date.now() + pause * 1_000)
    return { retryAt, text: `${this.#failures + 1} ${retryAt}\n` }
  }
}
