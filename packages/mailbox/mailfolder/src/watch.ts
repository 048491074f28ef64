/**
 * What other programs do in new/ and cur/, as it happens.
 *
 * One inotify instance serves all mailboxes of a process (a user has 128). Where there is none, or events were lost,
 * the next look sees everything. Who waits for a change is told within a quarter of a second.
 */
import { openInotify, takeEvents, unwatchDirectory, watchDirectory } from '@yabumi/posix'
import type { Place } from './place.ts'
import type { Found } from './scan.ts'
import type { Part } from './table.ts'

const pollMilliseconds = 250
const mostChanges = 10_000 // more of them cost more than a look at everything

let instance: number | undefined | 'none'
let polling: NodeJS.Timeout | undefined
const watches = new Map<number, { owner: DirectoryWatch; part: Part }>()
const waiting = new Set<DirectoryWatch>()

/** The descriptor that becomes readable when something happens in any watched mailbox, or undefined where there is none. */
export function watchDescriptor(): number | undefined {
  if (instance === undefined) {
    try {
      instance = openInotify()
    } catch {
      instance = 'none'
    }
  }
  return instance === 'none' ? undefined : instance
}

export class DirectoryWatch {
  #changes: Found[] | undefined
  readonly #numbers: number[] = []
  readonly #listeners = new Set<() => void>()
  readonly #heed: (name: string | undefined) => void

  /** @param heed - hears of each name of which something is seen, and of undefined when something was lost */
  constructor(place: Place, heed: (name: string | undefined) => void) {
    this.#heed = heed
    const fd = watchDescriptor()
    if (fd === undefined) return
    try {
      for (const part of ['new', 'cur'] as const) {
        const number = watchDirectory(fd, place[part].path)
        watches.set(number, { owner: this, part })
        this.#numbers.push(number)
      }
    } catch {
      this.close() // too many watches: this mailbox is looked at whole
    }
  }

  /** Whether changes are seen as they happen. */
  get works(): boolean {
    return this.#numbers.length > 0
  }

  /** What has happened since the last call; undefined if that is not known, and everything must be looked at. */
  take(): readonly Found[] | undefined {
    drain()
    const changes = this.#changes
    this.#changes = this.works ? [] : undefined
    return changes
  }

  /** Have everything heeded that has happened until now. */
  heedAll(): void {
    drain()
  }

  /** Be told when something happens, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    waiting.add(this)
    polling ??= setInterval(poll, pollMilliseconds)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) waiting.delete(this)
      if (waiting.size > 0) return
      clearInterval(polling)
      polling = undefined
    }
  }

  close(): void {
    const fd = watchDescriptor()
    for (const number of this.#numbers.splice(0)) {
      if (watches.get(number)?.owner !== this) continue // whoever opened the same directory since has the same number
      watches.delete(number)
      if (fd !== undefined) unwatchDirectory(fd, number)
    }
    this.#changes = undefined
  }

  /** An event of one of the parts, or that some were lost. */
  note(change: Found | undefined): void {
    this.#heed(change?.name)
    if (change === undefined || (this.#changes?.length ?? 0) >= mostChanges) this.#changes = undefined
    else this.#changes?.push(change)
    for (const listener of this.#listeners) listener()
  }

  /** Who waits for a mailbox that cannot be watched is told to look from time to time: never by a look, which would end in another one. */
  remind(): void {
    if (!this.works) for (const listener of this.#listeners) listener()
  }
}

function drain(): void {
  const fd = watchDescriptor()
  for (const { watch, name, lost } of fd === undefined ? [] : takeEvents(fd)) {
    if (lost) for (const each of new Set(Array.from(watches.values(), ({ owner }) => owner))) each.note(undefined)
    const watched = watches.get(watch)
    if (watched !== undefined) watched.owner.note(name === '' ? undefined : { part: watched.part, name })
  }
}

function poll(): void {
  drain()
  for (const each of waiting) each.remind()
}
