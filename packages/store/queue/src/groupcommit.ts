/**
 * One fsync of the directory todo/ for all messages that wait for it, one after the other.
 *
 * A sync covers the entries that were there when it began; a message that comes later waits for the next. The trigger
 * is pulled once for all of them.
 */
import { closeSync, constants, fsync, openSync } from 'node:fs'
import { pullTrigger } from '@yabumi/queuedir'
import { exitCode, QueueTrouble } from './exitcode.ts'

type Waiter = (error: unknown) => void

export class GroupCommit {
  #fd = -1
  #waiting: Waiter[] = []
  #passive: Waiter[] = []
  #running = false

  /**
   * Call back once the entry that has just been made is on disk.
   *
   * After an error the entry stays: send may have it in hands already, and a message too many is better than half of one.
   */
  wait(waiter: Waiter): void {
    this.#waiting.push(waiter)
    if (!this.#running) this.#run()
  }

  /** Call back after the next sync that somebody waits for and that begins from now on. */
  afterNext(waiter: Waiter): void {
    this.#passive.push(waiter)
  }

  #run(): void {
    const waiters = [...this.#waiting, ...this.#passive]
    this.#waiting = []
    this.#passive = []
    this.#running = true
    const end = (error: unknown) => {
      this.#running = false
      if (this.#waiting.length > 0) this.#run()
      pullTrigger()
      const trouble = error === null ? undefined : new QueueTrouble(exitCode.writeError, { cause: error })
      for (const waiter of waiters) waiter(trouble)
    }
    this.#sync(end)
  }

  #sync(end: (error: unknown) => void): void {
    try {
      if (this.#fd < 0) this.#fd = openSync('todo', constants.O_RDONLY | constants.O_DIRECTORY)
    } catch (error) {
      setImmediate(end, error)
      return
    }
    fsync(this.#fd, (error) => {
      if (error !== null) this.#close() // never a second fsync on a descriptor that has reported an error
      end(error)
    })
  }

  #close(): void {
    closeSync(this.#fd)
    this.#fd = -1
  }
}
