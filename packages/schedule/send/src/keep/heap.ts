/**
 * Messages by the time they are due: a binary heap, with equal ones in the order that qmail's has.
 *
 * It holds every message of the queue, so an entry is a number and a reference to a short string, about 60 bytes.
 */
import type { MessageId } from '@yabumi/queuedir'
import { holdAsked } from '@yabumi/retrytimes'

/** The due time of an empty heap. */
export const never: number = Number.POSITIVE_INFINITY

export class DueHeap {
  readonly #due: number[] = []
  readonly #ids: MessageId[] = []

  get size(): number {
    return this.#ids.length
  }

  /** When the first message is due, in seconds since 1970; never if there is none. */
  get nextDue(): number {
    return this.#due[0] ?? never
  }

  insert(id: MessageId, due: number): void {
    let hole = this.#ids.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if ((this.#due[parent] as number) <= due) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#due[hole] = due
    this.#ids[hole] = id
  }

  /** Remove the message that is due first, if it is due by `now`. */
  takeDue(now: number): MessageId | undefined {
    const first = this.#ids[0]
    if (first === undefined || this.nextDue > now) return undefined
    const due = this.#due.pop() as number
    const id = this.#ids.pop() as MessageId
    if (this.#ids.length > 0) this.#sink(id, due)
    return first
  }

  #sink(id: MessageId, due: number): void {
    const size = this.#ids.length
    let hole = 0
    for (;;) {
      let child = 2 * hole + 2
      if (child > size) break
      if (child === size || (this.#due[child - 1] as number) <= (this.#due[child] as number)) child -= 1
      if (due <= (this.#due[child] as number)) break
      this.#move(child, hole)
      hole = child
    }
    this.#due[hole] = due
    this.#ids[hole] = id
  }

  #move(from: number, to: number): void {
    this.#due[to] = this.#due[from] as number
    this.#ids[to] = this.#ids[from] as MessageId
  }

  /** Make every message due at this time, but those that are held: they are the last ones, so the order stays. */
  setAll(due: number): void {
    for (const [index, old] of this.#due.entries()) if (old < holdAsked) this.#due[index] = due
  }

  /** Give messages other times. @returns those that are here */
  reschedule(times: ReadonlyMap<MessageId, number>): MessageId[] {
    const { ids, due } = this.copy()
    this.#due.length = 0
    this.#ids.length = 0
    for (const [index, id] of ids.entries()) this.insert(id, times.get(id) ?? (due[index] as number))
    return ids.filter((id) => times.has(id))
  }

  /** All messages and when they are due, as two lists: a hundred thousand pairs would be as much again as the heap. */
  copy(): { ids: readonly MessageId[]; due: readonly number[] } {
    return { ids: this.#ids.slice(), due: this.#due.slice() }
  }

  *entries(): Generator<[id: MessageId, due: number]> {
    for (const [index, id] of this.#ids.entries()) yield [id, this.#due[index] as number]
  }
}
