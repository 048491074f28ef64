/** Replies that go together: one write for all that the client has asked at once. */
import { withStatus } from './enhanced.ts'
import type { Wire } from './wire.ts'

export class Replies {
  readonly #wire: Wire
  readonly #hasStatus: () => boolean
  #text = ''

  /** @param hasStatus - whether enhanced status codes are due */
  constructor(wire: Wire, hasStatus: () => boolean) {
    this.#wire = wire
    this.#hasStatus = hasStatus
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#text.length
  }

  /** @param command - that it answers, if it answers one */
  say(text: string, command = ''): void {
    this.#text += this.#hasStatus() ? withStatus(text, command) : text
  }

  /** @returns false if the client should read before it gets more */
  flush(): boolean {
    if (this.#text === '') return true
    const text = this.#text
    this.#text = ''
    return this.#wire.send(text)
  }
}
