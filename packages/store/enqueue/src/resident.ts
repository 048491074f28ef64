/**
 * Hand a message to the resident queue: frames on its socket, the answer is the exit code that the program would give.
 */
import { envelopeChunks } from './chunks.ts'
import type { Answer, QueueConnection } from './connection.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { giveBack } from './pool.ts'
import type { Way } from './way.ts'

export class ResidentQueue implements Way {
  readonly #connection: QueueConnection

  constructor(connection: QueueConnection, role: 'network' | 'bounce' | undefined, facts: string) {
    this.#connection = connection
    connection.begin(role ?? '', facts)
  }

  write(bytes: Buffer): boolean {
    return this.#connection.hasAnswer || this.#connection.send('M', bytes)
  }

  drained(): Promise<void> {
    return this.#connection.drained()
  }

  async finish(sender: string, recipients: Iterable<string>): Promise<Outcome> {
    try {
      for (const chunk of envelopeChunks(sender, recipients)) {
        if (this.#connection.hasAnswer) break
        if (!this.#connection.send('E', chunk)) await this.#connection.drained()
      }
    } catch {
      return this.abandon() // an address with a NUL: what follows it would be read as another recipient
    }
    return this.#end(this.#connection.hasAnswer ? 'A' : 'C')
  }

  abandon(): Promise<Outcome> {
    return this.#end('A')
  }

  async #end(letter: 'C' | 'A'): Promise<Outcome> {
    const answer: Answer = await this.#connection.end(letter)
    giveBack(this.#connection)
    return outcomeOf(answer.code, answer.number, answer.text)
  }
}
