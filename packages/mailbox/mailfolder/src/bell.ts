/**
 * Something that rings when a mailbox changes, for sessions that nobody serves: an instance of inotify which becomes
 * readable, and is never read. Whoever has it, in whichever process, hears it by poll(2).
 */
import { closeSync } from 'node:fs'
import { openInotify, readableOf, watchDirectory } from '@yabumi/posix'
import type { Place } from './place.ts'

export class Bell {
  readonly #place: Place
  #fd: number | undefined

  constructor(place: Place) {
    this.#place = place
  }

  /** One that has not rung; it stays ours to close. Look at the mailbox afterwards. @throws the system's error if there are too many */
  silent(): number {
    if (this.#fd !== undefined && readableOf([this.#fd]).length === 0) return this.#fd
    this.close()
    const fd = openInotify()
    this.#fd = fd
    for (const part of ['new', 'cur'] as const) watchDirectory(fd, this.#place[part].path)
    return fd
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}
