/**
 * Sets of message numbers or UIDs: sorted, merged, and written as short as they can be (RFC 9051 §9, `sequence-set`).
 *
 * Memory: two numbers a range.
 */

/** Numbers of 1 to 2^32-1. */
export class NumberSet {
  /** First and last of each range, ascending; ranges neither overlap nor touch. */
  readonly #bounds: readonly number[]

  /** @param bounds - as #bounds has them */
  private constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  static readonly empty: NumberSet = new NumberSet([])

  /** All from `first` to `last`; nothing where `last` is lower. */
  static range(first: number, last: number): NumberSet {
    return last < first ? NumberSet.empty : new NumberSet([first, last])
  }

  /** Ranges in any order, which may overlap. */
  static ofRanges(ranges: readonly (readonly [first: number, last: number])[]): NumberSet {
    const bounds: number[] = []
    for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) append(bounds, first, last)
    return new NumberSet(bounds)
  }

  /** Numbers in ascending order; equal ones count once. */
  static ofSorted(numbers: Iterable<number>): NumberSet {
    const bounds: number[] = []
    for (const number of numbers) append(bounds, number, number)
    return new NumberSet(bounds)
  }

  /** Numbers in any order. */
  static of(numbers: Iterable<number>): NumberSet {
    return NumberSet.ofSorted(Float64Array.from(numbers).sort())
  }

  get isEmpty(): boolean {
    return this.#bounds.length === 0
  }

  /** How many numbers are in it. */
  get size(): number {
    let size = 0
    for (let at = 0; at < this.#bounds.length; at += 2) size += (this.#bounds[at + 1] as number) - (this.#bounds[at] as number) + 1
    return size
  }

  /** The lowest and the highest; 0 of none. */
  get first(): number {
    return this.#bounds[0] ?? 0
  }

  get last(): number {
    return this.#bounds.at(-1) ?? 0
  }

  /** Whether a number is in it: a binary search. */
  has(number: number): boolean {
    let low = 0
    let high = this.#bounds.length / 2
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#bounds[2 * middle + 1] as number) < number) low = middle + 1
      else high = middle
    }
    const first = this.#bounds[2 * low]
    return first !== undefined && first <= number
  }

  *ranges(): Generator<readonly [first: number, last: number]> {
    for (let at = 0; at < this.#bounds.length; at += 2) yield [this.#bounds[at] as number, this.#bounds[at + 1] as number]
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [first, last] of this.ranges()) for (let number = first; number <= last; number += 1) yield number
  }

  union(other: NumberSet): NumberSet {
    return NumberSet.ofRanges([...this.ranges(), ...other.ranges()])
  }

  intersection(other: NumberSet): NumberSet {
    const bounds: number[] = []
    const [mine, theirs] = [this.#bounds, other.#bounds]
    for (let a = 0, b = 0; a < mine.length && b < theirs.length; ) {
      const lastMine = mine[a + 1] as number
      const lastTheirs = theirs[b + 1] as number
      append(bounds, Math.max(mine[a] as number, theirs[b] as number), Math.min(lastMine, lastTheirs))
      if (lastMine < lastTheirs) a += 2
      else b += 2
    }
    return new NumberSet(bounds)
  }

  /** Without those of another. */
  without(other: NumberSet): NumberSet {
    const bounds: number[] = []
    const others = [...other.ranges()]
    let at = 0
    for (const [first, last] of this.ranges()) {
      let from = first
      while (at < others.length && (others[at]?.[1] as number) < from) at += 1
      for (let i = at; from <= last; i += 1) {
        const [otherFirst, otherLast] = others[i] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
        append(bounds, from, Math.min(last, otherFirst - 1))
        from = Math.max(from, otherLast + 1)
        if (otherFirst > last) break
        at = i
      }
    }
    return new NumberSet(bounds)
  }

  /** `1:3,5`; empty for none. */
  toString(): string {
    const parts: string[] = []
    for (const [first, last] of this.ranges()) parts.push(first === last ? String(first) : `${first}:${last}`)
    return parts.join(',')
  }
}

/** Add a range that begins nowhere before the last one. */
function append(bounds: number[], first: number, last: number): void {
  if (last < first) return
  const end = bounds.length - 1
  if (end > 0 && first <= (bounds[end] as number) + 1) bounds[end] = Math.max(bounds[end] as number, last)
  else bounds.push(first, last)
}
