/**
 * The end of a message: its bounce, if it has one, then S5 -> S2 -> S1 (spec §1.4, qmail-send, elimination).
 *
 * Order   the bounce is in the queue; bounce/N is removed; info/N is unlinked; clean unlinks mess/S/N
 * Crash   before info/N goes, the message is found at the next start and finished then; after it, the sweep removes
 *         what is left of it
 */
import { nowSeconds } from '@yabumi/dates'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { BounceSender } from '../bounce/sender.ts'
import { DueHeap } from '../keep/heap.ts'
import { exists, remove, warningOf } from '../keep/queuefile.ts'
import type { Shared } from '../shared.ts'
import { sysfailSeconds } from '../timers.ts'

/** Entries looked at in one turn. */
const entriesPerTurn = 50

export class Finish {
  /** Messages without recipients that could not be finished yet. */
  readonly heap: DueHeap = new DueHeap()
  readonly #shared: Shared
  readonly #bounces: BounceSender

  constructor(shared: Shared, bounces: BounceSender) {
    this.#shared = shared
    this.#bounces = bounces
  }

  /**
   * Finish what is due.
   *
   * @param now - seconds since 1970
   * @returns whether there is more to do in the next turn
   */
  advance(now: number): boolean {
    for (let count = 0; count < entriesPerTurn; count += 1) {
      if (!this.#bounces.available) return false
      const id = this.heap.takeDue(now)
      if (id === undefined) return false
      if (this.#mayFinish(id)) this.finish(id)
    }
    return true
  }

  /** Finish a message that has neither local nor remote recipients left, is preprocessed, and has no job. */
  finish(id: MessageId): void {
    this.#guard(id, '', () => {
      if (!exists(queuePath('bounce', id))) this.#eliminate(id)
      else if (!this.#bounces.available) this.heap.insert(id, nowSeconds())
      else {
        this.#bounces.send(id, (sent) => {
          if (sent) {
            this.#shared.lateSyncs.noteGone(queuePath('bounce', id))
            this.#eliminate(id)
          } else this.#later(id)
        })
      }
    })
  }

  #eliminate(id: MessageId): void {
    const { log, cleaner } = this.#shared
    log.line(`end msg ${id}`)
    this.#guard(id, '; will try again later', () => {
      remove(queuePath('info', id))
      cleaner.ask('foop', id, (removed) => {
        if (!removed) log.warning(`qmail-clean unable to clean up foop/${id}`)
      })
    })
  }

  /** Whether the files say so too; after a crash they may not. */
  #mayFinish(id: MessageId): boolean {
    let may = false
    this.#guard(id, '; will try again later', () => {
      may = (['local', 'remote', 'todo'] as const).every((directory) => !exists(queuePath(directory, id))) && exists(queuePath('info', id))
    })
    return may
  }

  /** Do something for a message; if that does not work, say so and try again later. */
  #guard(id: MessageId, outlook: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#shared.log.warning(warningOf(error) + outlook)
      this.#later(id)
    }
  }

  #later(id: MessageId): void {
    this.heap.insert(id, nowSeconds() + sysfailSeconds)
  }
}
