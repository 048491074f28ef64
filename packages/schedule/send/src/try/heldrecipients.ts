/**
 * The recipients of a job that found no slot, by whom their slots count for. They say which records of the channel file
 * are to be read again. Only so many are held; what comes after them is read when there is room for more.
 */

const heldAtMost = 1_000

export class HeldRecipients {
  readonly #positions = new Map<string, number[]>()
  #count = 0
  /** From here on nothing of the file has been read; infinite when all has been. */
  unreadFrom = 0
  #isGivenUp = false

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** Whether what has not been read may be read on. */
  get readsOn(): boolean {
    return this.unreadFrom < Number.POSITIVE_INFINITY && this.#count < heldAtMost
  }

  /** All have been read, and have had their slots. */
  get isComplete(): boolean {
    return this.isEmpty && this.unreadFrom === Number.POSITIVE_INFINITY && !this.#isGivenUp
  }

  /** How many names are held. */
  get names(): number {
    return this.#positions.size
  }

  has(name: string): boolean {
    return this.#positions.has(name)
  }

  hold(position: number, name: string): void {
    this.#count += 1
    const positions = this.#positions.get(name)
    if (positions === undefined) this.#positions.set(name, [position])
    else positions.push(position)
  }

  /** Let go of those of a name. @returns where their records stand, in the order of the file */
  take(name: string): number[] {
    const positions = this.#positions.get(name) ?? []
    this.#positions.delete(name)
    this.#count -= positions.length
    return positions.sort((a, b) => a - b)
  }

  /** Let go of all, and read nothing more: the file is in trouble. */
  giveUp(): void {
    this.#positions.clear()
    this.#count = 0
    this.unreadFrom = Number.POSITIVE_INFINITY
    this.#isGivenUp = true
  }
}
