/**
 * A submission that does not know its way yet: what is written meanwhile waits here, within a bound.
 */
import type { Outcome } from './outcome.ts'
import type { Submission } from './submission.ts'

const holdBytes = 65_536

export class PendingSubmission implements Submission {
  readonly #ready: Promise<Submission>
  #way: Submission | undefined
  #held: Buffer[] = []
  #heldBytes = 0

  /** @param way - resolves to the submission to use; never rejects */
  constructor(way: Promise<Submission>) {
    this.#ready = way.then((submission) => {
      for (const bytes of this.#held) submission.write(bytes)
      this.#held = []
      this.#way = submission
      return submission
    })
  }

  write(bytes: Buffer): boolean {
    if (this.#way !== undefined) return this.#way.write(bytes)
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    return this.#heldBytes < holdBytes
  }

  async drained(): Promise<void> {
    await (await this.#ready).drained()
  }

  async finish(sender: string, recipients: Iterable<string>): Promise<Outcome> {
    return (await this.#ready).finish(sender, recipients)
  }

  async abandon(): Promise<Outcome> {
    return (await this.#ready).abandon()
  }
}
