import type { Outcome } from './outcome.ts'
import type { Submission } from './submission.ts'

/** A submission that could not even begin: it takes everything and keeps nothing, and its outcome is known. */
export class RefusedSubmission implements Submission {
  readonly #outcome: Outcome

  constructor(outcome: Outcome) {
    this.#outcome = outcome
  }

  write(): boolean {
    return true
  }

  drained(): Promise<void> {
    return Promise.resolve()
  }

  finish(): Promise<Outcome> {
    return Promise.resolve(this.#outcome)
  }

  abandon(): Promise<Outcome> {
    return Promise.resolve(this.#outcome)
  }
}
