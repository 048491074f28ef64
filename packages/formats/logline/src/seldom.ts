/** Lines that may be due at any moment: each kind is written at most once a minute, so that who floods us does not flood the log. */

const pauseMilliseconds = 60_000
const mostKinds = 1_000

export class Seldom {
  readonly #write: (line: string) => void
  readonly #saidAt = new Map<string, number>()

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  /**
   * @param kind - of the line; another kind is written at once
   * @param now - milliseconds, as performance.now()
   */
  say(kind: string, line: string, now: number = performance.now()): void {
    const last = this.#saidAt.get(kind)
    if (last !== undefined && now - last < pauseMilliseconds) return
    if (this.#saidAt.size >= mostKinds) this.#saidAt.clear()
    this.#saidAt.set(kind, now)
    this.#write(line)
  }
}
