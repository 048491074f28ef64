/** Answers that were found a short while ago, by recipientd, or by who has asked it. */
import { lowerCase } from '@yabumi/address'
import { recipientKeptSeconds, recipientsKept } from '@yabumi/limits'
import type { Verdict } from './ask.ts'

export interface KeptAnswer {
  readonly verdict: Verdict
  /** Monotonic, in milliseconds. */
  readonly until: number
}

export class KeptAnswers {
  /** The oldest first. */
  readonly #answers = new Map<string, KeptAnswer>()

  /** @param now - monotonic, in milliseconds */
  find(recipient: string, now: number): KeptAnswer | undefined {
    const kept = this.#answers.get(lowerCase(recipient))
    return kept !== undefined && now < kept.until ? kept : undefined
  }

  add(recipient: string, verdict: Verdict, now: number, seconds: number = recipientKeptSeconds): KeptAnswer {
    const key = lowerCase(recipient)
    this.#answers.delete(key)
    const [oldest] = this.#answers.size < recipientsKept ? [] : this.#answers.keys()
    if (oldest !== undefined) this.#answers.delete(oldest)
    const kept = { verdict, until: now + 1000 * seconds }
    this.#answers.set(key, kept)
    return kept
  }
}
