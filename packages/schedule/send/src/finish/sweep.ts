/**
 * Finds what crashes have left in mess/: messages that are neither queued nor preprocessed and have not been read for
 * 36 hours (spec §1.6). Nobody can be working on those any more, because queue gives up after 24.
 *
 * Slow on purpose: a hundred thousand messages take a minute, a few at a time.
 */
import { statSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { ossifiedSeconds } from '@yabumi/limits'
import { type MessageId, queuePath, split } from '@yabumi/queuedir'
import { MessageDirectory } from '../keep/directory.ts'
import { exists } from '../keep/queuefile.ts'
import type { Shared } from '../shared.ts'
import { sleepSeconds, sweepSeconds } from '../timers.ts'

const entriesAtOnce = 50
const pauseMilliseconds = 25

export class Sweep {
  readonly #shared: Shared
  #timer: NodeJS.Timeout | undefined
  #number = 0
  #directory: MessageDirectory | undefined

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /** Begin now, and again and again. */
  start(): void {
    this.#timer = setTimeout(() => this.#step(), 0)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#directory?.close()
    this.#directory = undefined
  }

  #step(): void {
    this.#timer = setTimeout(() => this.#step(), this.#look() * 1000)
  }

  /** Look at some entries. @returns seconds until the next ones */
  #look(): number {
    const path = `mess/${this.#number}`
    try {
      this.#directory ??= new MessageDirectory(path)
    } catch {
      this.#shared.log.alert(`unable to opendir ${path}, sleeping...`)
      this.#shared.wake()
      return sleepSeconds
    }
    for (let count = 0; count < entriesAtOnce; count += 1) {
      const id = this.#directory.next()
      if (id === undefined) return this.#nextDirectory()
      this.#meet(id)
    }
    return pauseMilliseconds / 1000
  }

  #nextDirectory(): number {
    this.#directory?.close()
    this.#directory = undefined
    this.#number = (this.#number + 1) % split
    return this.#number === 0 ? sweepSeconds : 0
  }

  #meet(id: MessageId): void {
    const { cleaner, log } = this.#shared
    if (cleaner.isRemoving(id) || !isOrphan(id)) return
    cleaner.ask('foop', id, (removed) => {
      if (!removed) log.warning(`qmail-clean unable to clean up foop/${id}`)
    })
    this.#shared.wake()
  }
}

function isOrphan(id: MessageId): boolean {
  try {
    const stats = statSync(`queue/${queuePath('mess', id)}`, { throwIfNoEntry: false })
    if (stats === undefined || nowSeconds() <= Math.floor(stats.atimeMs / 1000) + ossifiedSeconds) return false
    return !exists(queuePath('info', id)) && !exists(queuePath('todo', id))
  } catch {
    return false // what cannot be looked at is not touched
  }
}
