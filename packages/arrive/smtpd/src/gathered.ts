/** Replies that go together: one write for all that the client has asked at once. */
import type { Wire } from './wire.ts'

export class Replies {
  readonly #wire: Wire
  #text = ''

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#text.length
  }

  say(text: string): void {
    this.#text += text
  }

  /** @returns false if the client should read before it gets more */
  flush(): boolean {
    if (this.#text === '') return true
    const text = this.#text
    this.#text = ''
    return this.#wire.send(text)
  }
}
