/**
 * What is kept of messages in the cache, and when it counts.
 *
 * Guard   a record counts for the file of which it was made. Inode, size and time are compared once, and again after
 *         every event of its name; each time where events cannot be seen
 * Bound   a file that was written within settlingMilliseconds is not kept: another one could have the same time
 */
import { lstatSync } from 'node:fs'
import { type Digest, type FileStamp, MessageCache, sameStamp } from '@yabumi/messagecache'
import { baseOf } from './filename.ts'
import type { Place } from './place.ts'
import type { Sight } from './sight.ts'
import type { Table } from './table.ts'

const settlingMilliseconds = 1_000

/** What it needs of a folder. */
export interface Shelf {
  readonly ownDirectory: string
  readonly place: Place
  readonly table: Table
  readonly sight: Sight
  readonly list: { readonly guid: string }
  indexOf(base: string): number
}

export class Digests {
  readonly #folder: Shelf
  #cache: MessageCache | undefined

  constructor(folder: Shelf) {
    this.#folder = folder
  }

  /** Undefined if nothing is kept that counts. The mailbox was looked at. */
  get(uid: number): Digest | undefined {
    const cache = this.#open()
    const { table } = this.#folder
    const index = table.indexOf(uid)
    if (index < 0 || table.get('cached', index) < 0) return undefined
    const kept = cache.read(table.get('cached', index), baseOf(table.nameAt(index)))
    if (kept !== undefined && (table.get('trusted', index) === 1 || this.#isOf(index, kept.stamp))) return kept
    table.set('cached', index, -1)
    return undefined
  }

  /** @param stamp - of the file, from before it was read */
  keep(uid: number, stamp: FileStamp, digest: Digest): void {
    const { table } = this.#folder
    const index = table.indexOf(uid)
    if (index < 0 || stamp.mtimeMs > Date.now() - settlingMilliseconds) return
    this.#open().add({ base: baseOf(table.nameAt(index)), stamp, digest })
  }

  /** Something has happened to a file of this name, or nobody knows to which: what was kept of it may be of another one. */
  distrust(name: string | undefined): void {
    const { table } = this.#folder
    const index = name === undefined ? -1 : this.#folder.indexOf(baseOf(name))
    if (name === undefined) table.fill('trusted', 0)
    else if (index >= 0) table.set('trusted', index, 0)
  }

  flush(): void {
    this.#cache?.flush()
  }

  close(): void {
    const { table } = this.#folder
    let living = 0
    for (let index = 0; index < table.count; index += 1) if (table.get('cached', index) >= 0) living += 1
    this.#cache?.close(living, (base, at) => {
      const index = this.#folder.indexOf(base)
      return index >= 0 && table.get('cached', index) === at
    })
  }

  #open(): MessageCache {
    const { table, ownDirectory, list } = this.#folder
    this.#cache ??= new MessageCache(ownDirectory, list.guid, (base, at) => {
      const index = this.#folder.indexOf(base)
      if (index >= 0) table.set('cached', index, at)
    })
    return this.#cache
  }

  #isOf(index: number, stamp: FileStamp): boolean {
    const { place, table, sight } = this.#folder
    const status = lstatSync(place[table.partAt(index)].entry(table.nameAt(index)), { throwIfNoEntry: false })
    if (status === undefined || !sameStamp(status, stamp)) return false
    if (sight.watch.works) table.set('trusted', index, 1)
    return true
  }
}
