/** One bound for all, and a share of it for each: who may take one more place, and who gives way. */

/** So many takers at once, of those that were admitted under the same key. */
export interface Bound {
  readonly key: string
  readonly most: number
  /** Whether a taker that rests makes room when it is reached. */
  readonly yields: boolean
}

interface Place {
  readonly holder: string
  readonly keys: readonly string[]
}

export class Places<Taker> {
  /** The one admitted first comes first. */
  readonly #places = new Map<Taker, Place>()
  readonly #counts = new Map<string, number>()
  /** Of each holder, the one admitted first comes first. */
  readonly #takers = new Map<string, Set<Taker>>()
  readonly #giveWay: (taker: Taker) => boolean

  /** @param giveWay - ends a taker if nothing is under way with it, and says whether it has */
  constructor(giveWay: (taker: Taker) => boolean) {
    this.#giveWay = giveWay
  }

  /** Places that are taken. */
  get size(): number {
    return this.#places.size
  }

  /**
   * Give a place to a taker.
   *
   * @param holder - whose taker it is: an account, a client; who has most gives way first
   * @param bounds - the narrowest first
   * @returns the bound that is reached; undefined if it has a place
   */
  admit(taker: Taker, holder: string, bounds: readonly Bound[]): Bound | undefined {
    for (const bound of bounds) {
      if (countIn(this.#counts, bound.key) < bound.most) continue
      if (!bound.yields || !this.#makeRoom(holder, bound.key)) return bound
    }
    const keys = bounds.map(({ key }) => key)
    this.#places.set(taker, { holder, keys })
    this.#takers.set(holder, (this.#takers.get(holder) ?? new Set()).add(taker))
    for (const key of keys) add(this.#counts, key, 1)
    return undefined
  }

  /** The taker has ended; one that has left already may leave again. */
  leave(taker: Taker): void {
    const place = this.#places.get(taker)
    if (place === undefined) return
    this.#places.delete(taker)
    const ofHolder = this.#takers.get(place.holder)
    ofHolder?.delete(taker)
    if (ofHolder?.size === 0) this.#takers.delete(place.holder)
    for (const key of place.keys) add(this.#counts, key, -1)
  }

  /** End a taker that rests, the oldest of whoever has most. It is the holder's own, or of one that still has more afterwards. */
  #makeRoom(holder: string, key: string): boolean {
    const mine = this.#takers.get(holder)?.size ?? 0
    const holders = [...this.#takers]
      .filter(([each, { size }]) => each === holder || size > mine + 1)
      .sort(([, a], [, b]) => b.size - a.size)
    for (const [, takers] of holders) {
      for (const taker of takers) {
        if (!this.#places.get(taker)?.keys.includes(key) || !this.#giveWay(taker)) continue
        this.leave(taker)
        return true
      }
    }
    return false
  }
}

function countIn(counts: ReadonlyMap<string, number>, key: string): number {
  return counts.get(key) ?? 0
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = countIn(counts, key) + change
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
