/** Answers that were found a short while ago. */
import { recipientKeptSeconds, recipientsKept } from '@yabumi/limits'
import type { Verdict } from '@yabumi/recipientprotocol'

interface Kept {
  readonly verdict: Verdict
  readonly until: number
}

export class KeptAnswers {
  /** The oldest first. */
  readonly #answers = new Map<string, Kept>()

  /** @param now - monotonic, in milliseconds */
  find(recipient: string, now: number): Verdict | undefined {
    const kept = this.#answers.get(recipient)
    return kept !== undefined && now < kept.until ? kept.verdict : undefined
  }

  add(recipient: string, verdict: Verdict, now: number): void {
    this.#answers.delete(recipient)
    const [oldest] = this.#answers.size < recipientsKept ? [] : this.#answers.keys()
    if (oldest !== undefined) this.#answers.delete(oldest)
    this.#answers.set(recipient, { verdict, until: now + 1000 * recipientKeptSeconds })
  }
}
