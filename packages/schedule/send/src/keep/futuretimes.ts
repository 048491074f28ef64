/**
 * Times of a clock that was ahead. A message that was queued then was born in the future, and its next attempt lies
 * there too. Both count as now, and the files say so from then on.
 *
 * A clock is set back while send runs, or before it starts. A machine without a clock of its own begins in 1970
 * instead. What it queued before the time was set counts as now too, and not as too old.
 */
import { statSync, utimesSync } from 'node:fs'
import { type MessageId, queuePath, type SplitDirectory } from '@yabumi/queuedir'
import { type ChannelName, isHeld } from '@yabumi/retrytimes'
import type { Log } from '../log.ts'
import type { Channel } from './channel.ts'

/** What clocks of one system, and a file system's, may differ by. */
const slackSeconds = 60
const sayMilliseconds = 60_000
/** 2001-09-09: no message is as old. */
const unsetBeforeSeconds = 1_000_000_000

const ahead = 'times in the future: the clock was ahead'
const unset = 'times before 2001: the clock was not set'

export class FutureTimes {
  readonly #log: Log
  #saidAt = Number.NEGATIVE_INFINITY
  #ahead = aheadMilliseconds()

  constructor(log: Log) {
    this.#log = log
  }

  /** When a message was born. @param birth - what info/N says; times in seconds since 1970 */
  birthOf(id: MessageId, birth: number, now: number): number {
    if (birth > now + slackSeconds) this.#correct('info', id, now, ahead)
    else if (birth < unsetBeforeSeconds && now >= unsetBeforeSeconds && wasQueuedUnset(id)) this.#correct('info', id, now, unset)
    else return birth
    return now
  }

  /** When a message is due. @param due - what its channel file says, or what is known */
  dueOf(channel: ChannelName, id: MessageId, due: number, now: number): number {
    if (due <= now + slackSeconds || isHeld(due)) return due
    try {
      const stats = statSync(`queue/${queuePath('info', id)}`, { throwIfNoEntry: false })
      if (stats === undefined || stats.mtimeMs / 1000 <= now + slackSeconds) return due
    } catch {
      return due
    }
    this.#correct(channel, id, now, ahead)
    return now
  }

  /** Whether the clock has been set back since this was last asked. */
  get wasSetBack(): boolean {
    const before = this.#ahead
    this.#ahead = aheadMilliseconds()
    return this.#ahead < before - slackSeconds * 1_000
  }

  /** What waits for its time on a channel gets the one that counts. */
  review(channel: Channel, now: number): void {
    const times = new Map<MessageId, number>()
    for (const [id, due] of channel.heap.entries()) {
      const counts = this.dueOf(channel.name, id, due, now)
      if (counts !== due) times.set(id, counts)
    }
    if (times.size > 0) channel.heap.reschedule(times)
  }

  #correct(directory: SplitDirectory, id: MessageId, now: number, why: string): void {
    if (performance.now() > this.#saidAt + sayMilliseconds) {
      this.#saidAt = performance.now()
      this.#log.warning(`${why}; messages that were queued then count as queued now`)
    }
    try {
      utimesSync(`queue/${queuePath(directory, id)}`, now, now)
    } catch {
      // it is seen again
    }
  }
}

/** The message itself has such a time: whoever wants it returned soon makes info/N alone older. */
function wasQueuedUnset(id: MessageId): boolean {
  try {
    return statSync(`queue/${queuePath('mess', id)}`).mtimeMs / 1000 < unsetBeforeSeconds
  } catch {
    return false
  }
}

/** By how much the clock is ahead of the time that goes by. */
function aheadMilliseconds(): number {
  return Date.now() - performance.now()
}
