/**
 * The recipients of a job that found no room at their destinations: which records of the channel file are to be read
 * again. Only so many are held; from there on the file counts as not read.
 */

const heldAtMost = 1_000

export class HeldRecipients {
  /** Ascending. */
  readonly #positions = new Set<number>()
  /** From here on nothing has been read. */
  #unreadFrom = Number.POSITIVE_INFINITY
  readonly destinations: Set<string> = new Set()

  get isFull(): boolean {
    return this.#positions.size >= heldAtMost
  }

  /** Where the first of them stands in the file. */
  get from(): number {
    const first = this.#positions.values().next().value
    return Math.min(first ?? Number.POSITIVE_INFINITY, this.#unreadFrom)
  }

  hold(position: number, destination: string): void {
    this.#positions.add(position)
    this.destinations.add(destination)
  }

  /** The record at this position has not been looked at, and none behind it. */
  stopAt(position: number): void {
    this.#unreadFrom = position
  }

  /** Whether a record is still to be dealt with. */
  has(position: number): boolean {
    return position >= this.#unreadFrom || this.#positions.has(position)
  }
}
