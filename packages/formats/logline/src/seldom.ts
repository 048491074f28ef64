/** Lines that may be due at any moment: each kind is written seldom, so that who floods us does not flood the log. */

const minute = 60_000
const mostKinds = 1_000

export class Seldom {
  readonly #write: (line: string) => void
  readonly #pauseMilliseconds: number
  readonly #saidAt = new Map<string, number>()

  /** @param pauseMilliseconds - between two lines of one kind */
  constructor(write: (line: string) => void, pauseMilliseconds: number = minute) {
    this.#write = write
    this.#pauseMilliseconds = pauseMilliseconds
  }

  /**
   * @param kind - of the line; another kind is written at once
   * @param now - milliseconds, as performance.now()
   */
  say(kind: string, line: string, now: number = performance.now()): void {
    const last = this.#saidAt.get(kind)
    if (last !== undefined && now - last < this.#pauseMilliseconds) return
    if (this.#saidAt.size >= mostKinds) this.#saidAt.clear()
    this.#saidAt.set(kind, now)
    this.#write(line)
  }
}
