import { PassingHeader } from '@yabumi/header'
import { hops as hopsLimit } from '@yabumi/limits'
import type { Outcome } from './outcome.ts'
import type { Submission } from './submission.ts'

/** A message that has passed through too many hosts is looping, and is not queued, whichever way it came in. */
export class CountedSubmission implements Submission {
  readonly #way: Submission
  readonly #counter = new PassingHeader()
  readonly #limit: number

  /** @param added - lines of the count that whoever submits has put in front by himself */
  constructor(way: Submission, added: number) {
    this.#way = way
    this.#limit = hopsLimit + added
  }

  write(bytes: Buffer): boolean {
    this.#counter.push(bytes)
    return this.#way.write(bytes)
  }

  drained(): Promise<void> {
    return this.#way.drained()
  }

  async finish(sender: string, recipients: Iterable<string>): Promise<Outcome> {
    if (this.#counter.hops < this.#limit) return this.#way.finish(sender, recipients)
    const { qp } = await this.#way.abandon()
    return { verdict: 'D', text: 'too many hops, this message is looping (#5.4.6)', qp }
  }

  abandon(): Promise<Outcome> {
    return this.#way.abandon()
  }
}
