/** What a client has sent that nobody has read yet: command lines, and what came while its session waited. */
import { CommandLines, type tooLong } from '@yabumi/smtp'

export class ClientInput {
  readonly #lines = new CommandLines()
  #early: Buffer | undefined
  #hasEnded = false

  /** The client will send no more. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  end(): void {
    this.#hasEnded = true
  }

  /** Bytes that are there behind the last line taken. */
  get unread(): number {
    return this.#lines.unread + (this.#early?.length ?? 0)
  }

  /** Bytes for which the session has no time now. */
  keep(chunk: Buffer): void {
    this.#early = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk])
  }

  /** What was kept, which is the caller's from now on. */
  takeKept(): Buffer | undefined {
    const bytes = this.#early
    this.#early = undefined
    return bytes
  }

  /** Bytes of command lines; the lines in what was pushed before must have been taken. */
  push(chunk: Buffer): void {
    this.#lines.push(chunk)
  }

  /** As CommandLines has it. */
  nextLine(): string | typeof tooLong | undefined {
    return this.#lines.next()
  }

  /** The bytes behind the last line taken, which are no commands. */
  takeRest(): Buffer {
    return this.#lines.takeRest()
  }
}
