/**
 * Messages that are gone, while a session has not been told (RFC 2180 §4.1).
 *
 * There their numbers are still in use. Their flags can be asked for, and even changed.
 *
 * Memory  some 100 bytes a message, until every session has been told
 */

/** Flags and keywords as bits: columns of Table. */
export interface Marks {
  readonly flags: number
  readonly keywords: number
  readonly further: number
}

export interface Ghost extends Marks {
  readonly modseq: number
  /** Of the table without it. */
  readonly generation: number
}

/** Who has to be told. */
export interface Told {
  /** Of the table as it was when it was last told what is gone. */
  readonly generation: number
}

export class Ghosts {
  readonly #audience = new Set<Told>()
  /** Those that went first are the first. */
  readonly #ghosts = new Map<number, Ghost>()

  /** Whether anybody would miss what goes now. */
  get areKept(): boolean {
    return this.#audience.size > 0
  }

  join(one: Told): void {
    this.#audience.add(one)
  }

  leave(one: Told): void {
    this.#audience.delete(one)
    this.settle()
  }

  get(uid: number): Ghost | undefined {
    return this.#ghosts.get(uid)
  }

  /** Of those that have a higher modseq: their UIDs. */
  changedSince(modseq: number): number[] {
    return [...this.#ghosts].filter(([, ghost]) => ghost.modseq > modseq).map(([uid]) => uid)
  }

  add(uid: number, ghost: Ghost): void {
    this.#ghosts.delete(uid) // it goes to the end
    this.#ghosts.set(uid, ghost)
  }

  mark(uid: number, marks: Marks): void {
    const ghost = this.#ghosts.get(uid)
    if (ghost !== undefined) this.#ghosts.set(uid, { ...ghost, ...marks })
  }

  /** Let go of those that everybody knows of. */
  settle(): void {
    if (this.#ghosts.size === 0) return
    let told = Number.POSITIVE_INFINITY
    for (const { generation } of this.#audience) told = Math.min(told, generation)
    for (const [uid, { generation }] of this.#ghosts) {
      if (generation > told) return
      this.#ghosts.delete(uid)
    }
  }
}
