/**
 * The recipients of a job that found no slot: which records of the channel file are to be read
 * again. Only so many are held; from there on the file counts as not read.
 */

const heldAtMost = 1_000

export class HeldRecipients {
  readonly #positions = new Set<number>()
  /** From here on nothing has been read. */
  #unreadFrom = Number.POSITIVE_INFINITY
  /** Whom their slots count for. */
  readonly names: Set<string> = new Set()

  get isFull(): boolean {
    return this.#positions.size >= heldAtMost
  }

  /** Where the first of them stands in the file. */
  get from(): number {
    let first = this.#unreadFrom
    for (const position of this.#positions) first = Math.min(first, position)
    return first
  }

  hold(position: number, name: string): void {
    this.#positions.add(position)
    this.names.add(name)
  }

  /** Those of another reading of the same file as well. */
  holdAll(others: HeldRecipients): void {
    for (const position of others.#positions) this.#positions.add(position)
    for (const name of others.names) this.names.add(name)
    this.#unreadFrom = Math.min(this.#unreadFrom, others.#unreadFrom)
  }

  /** The record at this position is being tried. */
  drop(position: number): void {
    this.#positions.delete(position)
  }

  /** The reading for these goes on from this position another time. */
  stopWithin(position: number): void {
    if (position > this.#unreadFrom) this.#unreadFrom = position
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
