/**
 * What the queue holds at the start: every message that is preprocessed goes back into its heaps (spec §2.5.2).
 *
 * The time of the next attempt is the mtime of the channel file. Directories are read entry by entry.
 */
import { statSync } from 'node:fs'
import { type MessageId, queuePath, split } from '@yabumi/queuedir'
import { both } from '../keep/channel.ts'
import { messagesIn } from '../keep/directory.ts'
import { DueHeap } from '../keep/heap.ts'
import { exists } from '../keep/queuefile.ts'
import type { Shared } from '../shared.ts'
import { sleepSeconds, sysfailSeconds } from '../timers.ts'

export class Stock {
  readonly #shared: Shared
  readonly #doneHeap: DueHeap
  /** Messages whose files could not be looked at, until when. */
  readonly failed: DueHeap = new DueHeap()

  /** @param doneHeap - takes messages that have no recipients left */
  constructor(shared: Shared, doneHeap: DueHeap) {
    this.#shared = shared
    this.#doneHeap = doneHeap
  }

  /** Take in all of info/. Goes on trying until every directory could be read. @param now - seconds since 1970 */
  async load(now: number): Promise<void> {
    const { log } = this.#shared
    for (let number = 0; number < split; number += 1) {
      while (!this.#loadDirectory(`info/${number}`, now)) {
        log.alert(`unable to opendir info/${number}, sleeping...`)
        log.flush()
        await new Promise((resolve) => setTimeout(resolve, sleepSeconds * 1000))
      }
    }
  }

  /** Look again at what could not be looked at. */
  advance(now: number): void {
    const id = this.failed.takeDue(now)
    if (id !== undefined) this.#add(id, now)
  }

  /** @returns false if it cannot be opened */
  #loadDirectory(path: string, now: number): boolean {
    const ids = messagesIn(path)
    for (const id of ids ?? []) this.#add(id, now)
    return ids !== undefined
  }

  #add(id: MessageId, now: number): void {
    const channels = both(this.#shared.channels)
    try {
      if (exists(queuePath('todo', id))) return // not preprocessed after all: the scan of todo/ sees to it
      const due = channels.map((channel) => {
        const stats = statSync(`queue/${queuePath(channel.name, id)}`, { throwIfNoEntry: false })
        return stats && this.#shared.futureTimes.dueOf(channel.name, id, Math.floor(stats.mtimeMs / 1000), now)
      })
      channels.forEach((channel, index) => {
        const time = due[index]
        if (time !== undefined) channel.schedule(id, time)
      })
      if (due.every((time) => time === undefined)) this.#doneHeap.insert(id, now)
    } catch {
      this.failed.insert(id, now + sysfailSeconds)
    }
  }
}
