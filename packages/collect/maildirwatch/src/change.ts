/**
 * Changes in new/ are noticed. A watch is a hint, never the truth: without one, or a change, 30 seconds count as one.
 */
import { type FSWatcher, watch } from 'node:fs'

const longestMilliseconds = 30_000
/** A file of the running second is not listed yet, and an arrival is rarely alone. */
const settleMilliseconds = 1_100

/** The changes in new/ of the working directory, from now on. */
export class Changes {
  readonly #watcher: FSWatcher | undefined
  #changed = false
  #wake: () => void = () => undefined

  constructor() {
    try {
      this.#watcher = watch('new', () => {
        this.#changed = true
        this.#wake()
      }).on('error', () => undefined)
    } catch {
      this.#watcher = undefined // the system has no watches left, or there is no new/
    }
  }

  /** Resolves a little after something has changed since the last call. */
  async next(): Promise<void> {
    if (!this.#changed && (await this.#change())) return
    await new Promise((resolve) => setTimeout(resolve, settleMilliseconds))
    this.#changed = false
  }

  /** @returns whether it took too long */
  #change(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), longestMilliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve(false)
      }
    })
  }

  close(): void {
    this.#watcher?.close()
  }
}
