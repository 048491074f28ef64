/** Signs of life in a command that takes long and answers at its end only (RFC 9585). */
import { imapProgressSeconds } from '@yabumi/limits'

export class Progress {
  readonly #tag: string
  #told: number

  /** @param now - in milliseconds, of any clock */
  constructor(tag: string, now: number) {
    this.#tag = tag
    this.#told = now
  }

  /** @returns the untagged line, if it is time for one. @param done - of `total` steps */
  line(now: number, done: number, total: number): string | undefined {
    if (now - this.#told < 1000 * imapProgressSeconds) return undefined
    this.#told = now
    return `* OK [INPROGRESS ("${this.#tag.replaceAll(/["\\]/g, '\\$&')}" ${done} ${total})] it goes on\r\n`
  }
}
