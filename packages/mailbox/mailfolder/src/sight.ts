/**
 * What can be seen in a mailbox's new/ and cur/, and whether it must be looked for at all.
 *
 * Reads   the events of inotify. Without them, or when some were lost, both directories whole, if their times have
 *         changed
 * Writes  with takeNew, moves from new/ to cur/. A file whose base another one has gets a name of its own, once two
 *         looks have shown both
 */
import { renameSync, type Stats } from 'node:fs'
import { lookWholeSeconds } from '@yabumi/limits'
import { Bell } from './bell.ts'
import { baseOf, markedName, marksOf, newBase, sizeIn } from './filename.ts'
import type { Place } from './place.ts'
import { type Found, isThere, scan, takeIn } from './scan.ts'
import { DirectoryWatch } from './watch.ts'

export interface Seen {
  /** Whether `files` is everything, so that what is not in it was not seen. */
  readonly whole: boolean
  /** By base. */
  readonly files: ReadonlyMap<string, Found>
  /** Bases of which something has gone; in a look at everything, none. */
  readonly gone: ReadonlySet<string>
}

interface Times {
  readonly key: string
  /** Whether a change in the same tick of the clock would show. */
  readonly settled: boolean
}

const settlingMilliseconds = 1_000

export class Sight {
  readonly watch: DirectoryWatch
  readonly bell: Bell
  readonly #place: Place
  #times: Times | undefined
  #lookedAt = 0
  #sure = false
  #newLeft = false
  #duplicates = new Set<string>()

  /** @param heed - as of DirectoryWatch */
  constructor(place: Place, heed: (name: string | undefined) => void) {
    this.#place = place
    this.bell = new Bell(place)
    this.watch = new DirectoryWatch(place, heed)
  }

  /** The next look sees everything. */
  doubt(): void {
    this.#sure = false
  }

  /**
   * @param takeNew - whether files of new/ are moved to cur/
   * @param nameAnew - whether a file whose base another one has may get a name of its own
   * @returns undefined if nothing has changed. @throws the system's error
   */
  look(takeNew: boolean, nameAnew: boolean): Seen | undefined {
    const changes = this.watch.take()
    const whole = !this.#sure || (takeNew && this.#newLeft) || this.#duplicates.size > 0
    if (!whole && changes !== undefined && performance.now() - this.#lookedAt < lookWholeSeconds * 1000) {
      return changes.length === 0 ? undefined : this.#changed(changes, takeNew)
    }
    const times = this.#timesNow()
    if (!whole && this.#times?.settled === true && times.key === this.#times.key) {
      this.#lookedAt = performance.now()
      return undefined
    }
    return { whole: true, files: this.everything(takeNew, nameAnew), gone: new Set() }
  }

  /** Everything that lies there, by base. */
  everything(takeNew = false, nameAnew = true): Map<string, Found> {
    const times = this.#timesNow()
    const { files, duplicates } = scan(this.#place, takeNew)
    this.#times = takeNew ? { ...times, settled: false } : times
    this.#lookedAt = performance.now()
    this.#sure = true
    this.#newLeft = [...files.values()].some(({ part }) => part === 'new')
    const before = this.#duplicates
    this.#duplicates = new Set()
    for (const found of duplicates) {
      const key = `${takeNew} ${found.part}/${found.name}` // the two looks of a SELECT differ in takeNew
      const renamed = nameAnew && before.has(key) ? this.#nameAnew(found) : undefined
      if (renamed === undefined) this.#duplicates.add(key)
      else files.set(baseOf(renamed.name), renamed)
    }
    return files
  }

  close(): void {
    this.watch.close()
    this.bell.close()
  }

  #changed(changes: readonly Found[], takeNew: boolean): Seen {
    const files = new Map<string, Found>()
    const gone = new Set<string>()
    for (const change of changes) {
      const base = baseOf(change.name)
      if (base === '' || change.name.startsWith('.')) continue
      if (isThere(this.#place, change)) {
        const taken = takeNew && change.part === 'new' ? takeIn(this.#place, change.name) : undefined
        if (change.part === 'new' && taken === undefined) this.#newLeft = true
        files.set(base, taken === undefined ? { part: change.part, name: change.name } : { part: 'cur', name: taken })
        gone.delete(base)
      } else if (!files.has(base)) gone.add(base)
    }
    return { whole: false, files, gone }
  }

  /** @returns undefined if it could not be done */
  #nameAnew({ part, name }: Found): Found | undefined {
    const old = baseOf(name)
    const base = newBase(sizeIn(old, 'S'), sizeIn(old, 'W'))
    const fresh = markedName(base, marksOf(name))
    try {
      renameSync(this.#place[part].entry(name), this.#place.cur.entry(fresh))
      return { part: 'cur', name: fresh }
    } catch {
      return undefined
    }
  }

  #timesNow(): Times {
    const status = [this.#place.new.status(), this.#place.cur.status()]
    const newest = Math.max(...status.map(({ mtimeMs }) => mtimeMs))
    return { key: status.map(timeKey).join(' '), settled: newest < Date.now() - settlingMilliseconds }
  }
}

function timeKey({ ino, mtimeMs }: Stats): string {
  return `${ino} ${mtimeMs}`
}
