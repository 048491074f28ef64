/**
 * The messages of one mailbox, in the order of their UIDs: a column for each thing that is known of them.
 *
 * Memory   some 80 bytes a message, and its file name
 */

import { Ghosts, type Marks } from './ghosts.ts'

export type Part = 'new' | 'cur'

export interface Row {
  readonly uid: number
  readonly name: string
  readonly part: Part
  readonly flags: number
  readonly keywords: number
  /** Keywords beyond the 26 letters, as bits. */
  readonly further: number
  readonly modseq: number
  /** Bytes of the file; -1 if nobody has looked. */
  readonly size: number
  /** Bytes on the wire; -1 if nobody has counted. */
  readonly wireSize: number
  /** Seconds since 1970; -1 if nobody has looked. */
  readonly date: number
  /** When it came into this mailbox, in seconds since 1970; -1 if nobody saw it. */
  readonly saved: number
  /** Where the cache has it; -1, as at first, if it does not. */
  readonly cached?: number
  /** 1 if the file is known to be the one that the cache was made of; any event of its name makes it 0. */
  readonly trusted?: number
}

const numbers = ['flags', 'keywords', 'further', 'modseq', 'size', 'wireSize', 'date', 'saved', 'cached', 'trusted'] as const
export type NumberColumn = (typeof numbers)[number]

/** Where a UID stands in a sorted list; if it is not there, `-1 -` where it would stand. */
export function search(uids: ArrayLike<number>, count: number, uid: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((uids[middle] as number) < uid) low = middle + 1
    else high = middle
  }
  return low < count && uids[low] === uid ? low : -1 - low
}

export class Table {
  #count = 0
  #uids = new Uint32Array(16)
  readonly #columns: Record<NumberColumn, Float64Array>
  readonly #names: string[] = []
  readonly #parts: Part[] = []
  readonly ghosts: Ghosts = new Ghosts()
  /** Grows whenever a message comes or goes. */
  generation = 0

  constructor() {
    this.#columns = Object.fromEntries(numbers.map((name) => [name, new Float64Array(16)])) as Record<NumberColumn, Float64Array>
  }

  get count(): number {
    return this.#count
  }

  /** All UIDs, ascending: a copy. */
  uids(): Uint32Array {
    return this.#uids.slice(0, this.#count)
  }

  /** The position of a UID, or a number below 0. */
  indexOf(uid: number): number {
    return search(this.#uids, this.#count, uid)
  }

  /** Positions of those that are there, ascending. */
  indexesOf(uids: Iterable<number>): number[] {
    const indexes = Array.from(uids, (uid) => this.indexOf(uid)).filter((index) => index >= 0)
    return indexes.sort((a, b) => a - b)
  }

  uidAt(index: number): number {
    return this.#uids[index] as number
  }

  nameAt(index: number): string {
    return this.#names[index] as string
  }

  partAt(index: number): Part {
    return this.#parts[index] as Part
  }

  get(column: NumberColumn, index: number): number {
    return this.#columns[column][index] as number
  }

  /** Flags and keywords of a message that is here, or was until now. */
  marksOf(uid: number): Marks | undefined {
    const index = this.indexOf(uid)
    return index < 0 ? this.ghosts.get(uid) : this.marksAt(index)
  }

  /** One value for every message. */
  fill(column: NumberColumn, value: number): void {
    this.#columns[column].fill(value, 0, this.#count)
  }

  set(column: NumberColumn, index: number, value: number): void {
    this.#columns[column][index] = value
  }

  rename(index: number, part: Part, name: string): void {
    this.#names[index] = name
    this.#parts[index] = part
  }

  /** Put a message where its UID belongs. The UID is not there yet. */
  insert(row: Row): void {
    this.#grow(this.#count + 1)
    const at = -1 - this.indexOf(row.uid)
    if (at < this.#count) {
      this.#uids.copyWithin(at + 1, at, this.#count)
      for (const name of numbers) this.#columns[name].copyWithin(at + 1, at, this.#count)
    }
    this.#uids[at] = row.uid
    for (const name of numbers) this.#columns[name][at] = row[name] ?? -1
    this.#names.splice(at, 0, row.name)
    this.#parts.splice(at, 0, row.part)
    this.#count += 1
    this.generation += 1
  }

  /** Take messages out. @param gone - positions, ascending */
  remove(gone: readonly number[]): void {
    if (gone.length === 0) return
    if (this.ghosts.areKept) {
      for (const at of gone) {
        const ghost = { ...this.marksAt(at), modseq: this.get('modseq', at), generation: this.generation + 1 }
        this.ghosts.add(this.uidAt(at), ghost)
      }
    }
    let to = gone[0] as number
    let next = 0
    for (let from = to; from < this.#count; from += 1) {
      if (gone[next] === from) {
        next += 1
        continue
      }
      this.#uids[to] = this.#uids[from] as number
      for (const name of numbers) this.#columns[name][to] = this.#columns[name][from] as number
      this.#names[to] = this.#names[from] as string
      this.#parts[to] = this.#parts[from] as Part
      to += 1
    }
    this.#names.length = to
    this.#parts.length = to
    this.#count = to
    this.generation += 1
  }

  /** Of a message that is here, or was until now; 1 for any other. */
  modseqOf(uid: number): number {
    const index = this.indexOf(uid)
    return index < 0 ? (this.ghosts.get(uid)?.modseq ?? 1) : this.get('modseq', index)
  }

  /** Flags and keywords of a message, by its position. */
  marksAt(index: number): Marks {
    return { flags: this.get('flags', index), keywords: this.get('keywords', index), further: this.get('further', index) }
  }

  #grow(count: number): void {
    if (count <= this.#uids.length) return
    const room = Math.max(count, Math.ceil(this.#uids.length * 1.5))
    const uids = new Uint32Array(room)
    uids.set(this.#uids)
    this.#uids = uids
    for (const name of numbers) {
      const column = new Float64Array(room)
      column.set(this.#columns[name])
      this.#columns[name] = column
    }
  }
}
