/**
 * Those that wait for a slot of a channel, by whom they are for.
 *
 * The next turn is that of the holder with fewest slots. Among equals it is that of the one which has waited longest
 * since the number of its slots last changed. Of what is its own, what has waited longest comes first. Every step takes
 * the same time however many wait, but for one look at each entry that waits no more.
 */
import { Fifo } from './fifo.ts'

/** Where one stands among those that wait. */
export interface Rank {
  /** Slots held; one more for who is better kept for later. */
  readonly weight: number
  /** Not known to answer. */
  readonly stranger: boolean
}

interface Party<T> {
  readonly name: string
  readonly doubtful: boolean
  readonly items: Fifo<T>
  /** Those of equal weight among whom it stands; undefined while it may have nothing more anyhow. */
  place: Set<Party<T>> | undefined
}

/** Whose turn it would be. */
export interface Candidate {
  readonly name: string
  readonly weight: number
  readonly stranger: boolean
  readonly doubtful: boolean
}

/** Which candidates to look among, besides the plain ones. */
export interface Room {
  readonly strangers: boolean
  readonly doubtful: boolean
}

/** What a line is, whatever waits in it. */
export interface AnyLine {
  readonly isEmpty: boolean
  /** The rank of a name has changed. */
  place(name: string): void
  /** Whose turn is next. @param most - the greatest weight that counts */
  next(room: Room, most: number): Candidate | undefined
  census(): Census
}

/** How much waits, for whom most of it, and how much that is. */
export interface Census {
  readonly all: number
  readonly name: string
  readonly count: number
}

/** Parties by weight. */
class Row<T> {
  readonly #places: Set<Party<T>>[] = []
  #lightest = 0

  place(weight: number): Set<Party<T>> {
    while (this.#places.length <= weight) this.#places.push(new Set())
    this.#lightest = Math.min(this.#lightest, weight)
    return this.#places[weight] as Set<Party<T>>
  }

  first(): { readonly party: Party<T>; readonly weight: number } | undefined {
    for (; this.#lightest < this.#places.length; this.#lightest += 1) {
      const party = this.#places[this.#lightest]?.values().next().value
      if (party !== undefined) return { party, weight: this.#lightest }
    }
    return undefined
  }
}

export class Line<T> implements AnyLine {
  readonly #rankOf: (name: string) => Rank | undefined
  readonly #stillWaits: (item: T, name: string) => boolean
  /** Of each name what is not doubtful, and what is. */
  readonly #parties = [new Map<string, Party<T>>(), new Map<string, Party<T>>()] as const
  /** Known to answer, strangers; then the same, doubtful. */
  readonly #rows = [new Row<T>(), new Row<T>(), new Row<T>(), new Row<T>()] as const

  /**
   * @param rankOf - where a name stands now; undefined if it may have nothing more. Who changes that calls place()
   * @param stillWaits - asked before an entry is looked at; false takes it out
   */
  constructor(rankOf: (name: string) => Rank | undefined, stillWaits: (item: T, name: string) => boolean) {
    this.#rankOf = rankOf
    this.#stillWaits = stillWaits
  }

  get isEmpty(): boolean {
    return this.#parties[0].size + this.#parties[1].size === 0
  }

  add(item: T, name: string, doubtful: boolean): void {
    const parties = this.#parties[Number(doubtful) as 0 | 1]
    let party = parties.get(name)
    if (party === undefined) {
      party = { name, doubtful, items: new Fifo(), place: undefined }
      parties.set(name, party)
    }
    party.items.push(item)
    if (party.items.size === 1) this.#place(party)
  }

  place(name: string): void {
    for (const parties of this.#parties) {
      const party = parties.size === 0 ? undefined : parties.get(name)
      if (party !== undefined) this.#place(party)
    }
  }

  next(room: Room, most: number): Candidate | undefined {
    let best: Candidate | undefined
    for (const [index, row] of this.#rows.entries()) {
      const stranger = index % 2 === 1
      const doubtful = index >= 2
      if ((stranger && !room.strangers) || (doubtful && !room.doubtful)) continue
      for (let first = row.first(); first !== undefined; first = row.first()) {
        const { party, weight } = first
        if (!this.#stands(party, weight, stranger)) continue
        if (weight <= most && weight < (best?.weight ?? Number.POSITIVE_INFINITY)) best = { name: party.name, weight, stranger, doubtful }
        break
      }
    }
    return best
  }

  /** Take out what waits longest for a candidate. */
  take({ name, doubtful }: Candidate): T | undefined {
    const parties = this.#parties[Number(doubtful) as 0 | 1]
    const party = parties.get(name)
    const item = party?.items.shift()
    if (party?.items.size === 0) this.#drop(party)
    return item
  }

  /** Take out all that waits and is wanted. */
  takeAll(isWanted: (item: T) => boolean): T[] {
    const wanted: T[] = []
    for (const parties of this.#parties) {
      for (const party of parties.values()) {
        for (let left = party.items.size; left > 0; left -= 1) {
          const item = party.items.shift() as T
          if (isWanted(item)) wanted.push(item)
          else party.items.push(item)
        }
        if (party.items.size === 0) this.#drop(party)
      }
    }
    return wanted
  }

  census(): Census {
    let all = 0
    let longest: Party<T> | undefined
    for (const parties of this.#parties) {
      for (const party of parties.values()) {
        all += party.items.size
        if (party.items.size > (longest?.items.size ?? 0)) longest = party
      }
    }
    return { all, name: longest?.name ?? '', count: longest?.items.size ?? 0 }
  }

  /** Whether a party has something waiting and stands where it belongs; if not, it is put there. */
  #stands(party: Party<T>, weight: number, stranger: boolean): boolean {
    while (party.items.first !== undefined && !this.#stillWaits(party.items.first, party.name)) party.items.shift()
    if (party.items.size === 0) {
      this.#drop(party)
      return false
    }
    const rank = this.#rankOf(party.name)
    if (rank?.weight === weight && rank.stranger === stranger) return true
    this.#place(party)
    return false
  }

  #place(party: Party<T>): void {
    const rank = this.#rankOf(party.name)
    const row = rank && this.#rows[Number(rank.stranger) + 2 * Number(party.doubtful)]
    const place = row?.place(rank?.weight ?? 0)
    if (place === party.place) return
    party.place?.delete(party)
    party.place = place
    place?.add(party)
  }

  #drop(party: Party<T>): void {
    party.place?.delete(party)
    this.#parties[Number(party.doubtful) as 0 | 1].delete(party.name)
  }
}
