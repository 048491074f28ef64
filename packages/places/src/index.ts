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
  readonly #held = new Map<string, number>()
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
    this.#count(holder, keys, 1)
    return undefined
  }

  /** The taker has ended; one that has left already may leave again. */
  leave(taker: Taker): void {
    const place = this.#places.get(taker)
    if (place === undefined) return
    this.#places.delete(taker)
    this.#count(place.holder, place.keys, -1)
  }

  #count(holder: string, keys: readonly string[], change: 1 | -1): void {
    add(this.#held, holder, change)
    for (const key of keys) add(this.#counts, key, change)
  }

  /** End a taker that rests, the oldest of whoever has most. It is the holder's own, or of one that still has more afterwards. */
  #makeRoom(holder: string, key: string): boolean {
    const mine = countIn(this.#held, holder)
    const candidates = [...this.#places]
      .filter(([, place]) => place.keys.includes(key))
      .map(([taker, place]) => ({ taker, isOwn: place.holder === holder, held: countIn(this.#held, place.holder) }))
      .filter(({ isOwn, held }) => isOwn || held > mine + 1)
      .sort((a, b) => b.held - a.held)
    const gone = candidates.find(({ taker }) => this.#giveWay(taker))
    if (gone !== undefined) this.leave(gone.taker)
    return gone !== undefined
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
