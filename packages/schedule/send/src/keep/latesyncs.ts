/**
 * Syncs what nobody waits for: that something is done.
 *
 * A D in a channel file counts at once, without a sync. So does the removal of todo/N, of a channel file and of
 * bounce/N. A power cut takes them back, and what was done is done again. So what has changed is noted here. It is
 * synced a twentieth of a second later, with whatever has gathered by then: todo/ once, however many messages have left
 * it. The removal of info/S/N does not matter: what it leads to is finished once more, silently.
 *
 * Cost     a name in a set; no timer and no call where nothing has changed. One sync at a time, in a thread, so that it
 *          keeps nobody waiting
 * Trouble  is logged once until a sync works again, and otherwise passed over: nothing depends on it
 * Bound    names beyond the bound are left to the kernel, which writes them within half a minute
 */
import { close, closeSync, fsync, fsyncSync, open, openSync } from 'node:fs'
import { errnoOf, errorText } from '@yabumi/trouble'
import type { Log } from '../log.ts'

const delayMilliseconds = 50
const waitingAtMost = 4_096

export class LateSyncs {
  readonly #log: Log
  readonly #wake: () => void
  readonly #changed = new Set<string>()
  /** The one that is being synced. */
  #current: string | undefined
  #armed = false
  #failing = false

  /** @param wake - has a line of the log written */
  constructor(log: Log, wake: () => void) {
    this.#log = log
    this.#wake = wake
  }

  /** Something has changed in a file, or in the names of a directory. @param path - relative to queue/ */
  note(path: string): void {
    if (this.#changed.size < waitingAtMost) this.#changed.add(path)
    this.#arm()
  }

  /** A file has gone. @param path - relative to queue/; its directory has changed */
  noteGone(path: string): void {
    this.#changed.delete(path)
    this.note(path.slice(0, path.lastIndexOf('/')))
  }

  /** Sync what is left, and return when it is done: this is the end. */
  finish(): void {
    for (const path of this.#current === undefined ? this.#changed : [this.#current, ...this.#changed]) {
      try {
        const fd = openSync(`queue/${path}`, 'r')
        fsyncSync(fd)
        closeSync(fd)
      } catch (error) {
        this.#ended(path, error)
      }
    }
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    setTimeout(() => this.#next([...this.#changed].reverse()), delayMilliseconds)
  }

  /** One after the other, the last first; what has changed again meanwhile has its turn later. */
  #next(paths: string[]): void {
    const path = paths.pop()
    this.#current = path
    if (path === undefined) {
      this.#armed = false
      if (this.#changed.size > 0) this.#arm()
      return
    }
    this.#changed.delete(path)
    const ended = (error: unknown): void => {
      this.#ended(path, error)
      this.#next(paths)
    }
    open(`queue/${path}`, 'r', (error, fd) => {
      if (error !== null) ended(error)
      else fsync(fd, (failed) => close(fd, () => ended(failed)))
    })
  }

  #ended(path: string, error: unknown): void {
    if (errnoOf(error) === 'ENOENT') return // a channel file that has gone since; its directory has changed as well
    const failed = error !== null
    if (failed && !this.#failing) {
      this.#log.warning(`unable to sync ${path}: ${errorText(error)}; after a power cut the last deliveries may be made again`)
      this.#wake()
    }
    this.#failing = failed
  }
}
