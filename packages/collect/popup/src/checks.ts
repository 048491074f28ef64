/**
 * Whose login is checked now, and who waits.
 *
 * A check starts a program and takes a hash that is meant to be slow. A client that does nothing but log in wrongly,
 * over all the connections it can have, would take every processor. So only so many checks run at once, in the order
 * they came.
 */
import { popCheckSeconds, popChecks } from '@yabumi/limits'

export class Checks {
  #running = 0
  readonly #waiting: (() => void)[] = []
  readonly #crowded: () => void

  /** @param crowded - called when somebody has to wait and nobody did before */
  constructor(crowded: () => void) {
    this.#crowded = crowded
  }

  /** Wait for a turn. @returns what to call at its end; calling it again does nothing */
  async turn(): Promise<() => void> {
    if (this.#running < popChecks) this.#running += 1
    else {
      if (this.#waiting.length === 0) this.#crowded()
      await new Promise<void>((resolve) => this.#waiting.push(resolve)) // takes over the turn that ends
    }
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      clearTimeout(impatience)
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
    const impatience = setTimeout(end, 1000 * popCheckSeconds)
    return end
  }
}
