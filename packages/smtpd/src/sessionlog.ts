/**
 * What one session leaves in the log of the door: a line for each message and each refusal, and one at its end. README.md has their grammar.
 *
 * The end of a session that has brought nothing is a line that a client can cause as often as it likes.
 */
import type { Caller, DoorLog } from '@yabumi/logline'

export class SessionLog {
  readonly #log: DoorLog
  readonly #caller: Caller
  readonly #begun = performance.now()
  #messages = 0
  #refusals = 0
  #hasEnded = false

  constructor(log: DoorLog, caller: Caller) {
    this.#log = log
    this.#caller = caller
  }

  /** A message was acknowledged. @param sizeBytes - as queue was given it. @param messageId - empty: it has none */
  took(qp: string, sizeBytes: number, messageId: string): void {
    this.#messages += 1
    this.#log.tell(this.#caller, `message ${qp}, ${sizeBytes} bytes`, messageId)
  }

  /** @param reply - with or without its line end. @param command - the client's */
  refused(reply: string, command: string): void {
    this.#refusals += 1
    this.#log.refused(this.#caller, reply.trimEnd(), command)
  }

  refusedMessage(reply: string, messageId: string): void {
    this.#refusals += 1
    this.#log.refused(this.#caller, reply.trimEnd(), messageId, 'message')
  }

  /** @param why - the session has ended; the first one counts. @param helo - the name that the client has given itself */
  ended(why: string, helo: string | undefined): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const seconds = Math.round((performance.now() - this.#begun) / 1000)
    const event = `end: ${why}, messages ${this.#messages}, refused ${this.#refusals}, seconds ${seconds}`
    if (this.#messages > 0) this.#log.tell(this.#caller, event, helo ?? '')
    else this.#log.note(this.#caller, event, helo ?? '')
  }
}
