/**
 * How long a client may take, in each state of a session, however often it sends a byte.
 *
 * Silence alone does not bound a session: a client that sends a byte now and then would keep its connection for ever.
 * So a command must be whole in a time of its own. A transaction must come to DATA in one, and a message to its final
 * dot. Each is a multiple of control/timeoutsmtpd. Stamps are taken when states change; asking costs nothing while
 * nobody asks.
 */
import { smtpMessageTurns, smtpTransactionTurns } from '@yabumi/limits'

export class Patience {
  readonly #turnMilliseconds: number
  #lineSince = performance.now()
  #transactionSince = this.#lineSince
  #messageSince: number | undefined

  /** @param turnSeconds - the silence that ends a session */
  constructor(turnSeconds: number) {
    this.#turnMilliseconds = 1000 * turnSeconds
  }

  /** A command was answered. */
  lineTaken(): void {
    this.#lineSince = performance.now()
  }

  messageBegun(): void {
    this.#messageSince = performance.now()
  }

  /** The message was answered: the client has done what it came for. */
  messageEnded(): void {
    this.#messageSince = undefined
    this.lineTaken()
    this.#transactionSince = this.#lineSince
  }

  /** @returns in words what has taken too long, or undefined */
  get exceeded(): string | undefined {
    const now = performance.now()
    const over = (since: number, turns: number): boolean => now - since > turns * this.#turnMilliseconds
    if (this.#messageSince !== undefined) return over(this.#messageSince, smtpMessageTurns) ? 'a message that does not end' : undefined
    if (over(this.#lineSince, 1)) return 'a command that does not end'
    return over(this.#transactionSince, smtpTransactionTurns) ? 'a session without a message' : undefined
  }
}
