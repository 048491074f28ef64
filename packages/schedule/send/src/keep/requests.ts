/**
 * What an administrator asks of messages in the queue: to be held, to go on, to be tried now.
 *
 * A request is the mtime of the channel file (package retrytimes); URG says that there are some. Every message that
 * waits is looked at then, some in each turn. One that is about to be tried, or has just been, is looked at within the
 * next seconds. The answer is another mtime. Where nobody asks, nothing of this costs a system call.
 */
import { statSync, utimesSync } from 'node:fs'
import { nowSeconds } from '@yabumi/dates'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { askedTime, type ChannelName, heldUntil, holdAsked, isHeld } from '@yabumi/retrytimes'
import type { Log } from '../log.ts'
import { both, type Channel, type Channels } from './channel.ts'

const filesPerTurn = 1_000
/** Whoever asks does so again each second until there is an answer. */
const heedMilliseconds = 10_000

interface Search {
  readonly channel: Channel
  readonly ids: readonly MessageId[]
  readonly due: readonly number[]
  next: number
  readonly times: Map<MessageId, number>
}

export class Requests {
  readonly #channels: Channels
  readonly #wake: () => void
  readonly #forget: (id: MessageId) => void
  readonly #giveBack: (channel: ChannelName) => readonly MessageId[]
  readonly #released: (id: MessageId) => void
  #heedUntil = Number.NEGATIVE_INFINITY
  #searches: Search[] = []

  /**
   * @param wake - there is something to do
   * @param forget - what is known of the message's files does not count any more
   * @param giveBack - takes the messages of a channel that are due and wait for slots from where they wait
   * @param released - a message that was held goes on
   */
  constructor(
    channels: Channels,
    wake: () => void,
    forget: (id: MessageId) => void,
    giveBack: (channel: ChannelName) => readonly MessageId[],
    released: (id: MessageId) => void,
  ) {
    this.#channels = channels
    this.#wake = wake
    this.#forget = forget
    this.#giveBack = giveBack
    this.#released = released
  }

  /** There are requests. */
  look(): void {
    this.#heedUntil = performance.now() + heedMilliseconds
    for (const channel of both(this.#channels)) for (const id of this.#giveBack(channel.name)) channel.schedule(id, nowSeconds())
    this.#searches = both(this.#channels).map((channel) => ({ channel, ...channel.heap.copy(), next: 0, times: new Map() }))
    this.#wake()
  }

  /** Look at some files. @returns whether there are more */
  advance(now: number): boolean {
    const search = this.#searches[0]
    if (search === undefined) return false
    const { channel, ids, due, times } = search
    const end = Math.min(search.next + filesPerTurn, ids.length)
    for (; search.next < end; search.next += 1) {
      const id = ids[search.next] as MessageId
      const time = asked(channel, id, due[search.next], now)
      if (time === undefined) continue
      times.set(id, time)
      if (isHeld(due[search.next] ?? 0) && !isHeld(time)) this.#released(id)
    }
    if (search.next === ids.length) {
      this.#searches.shift()
      if (times.size > 0) for (const id of channel.heap.reschedule(times)) this.#answer(channel, id, times.get(id) as number)
    }
    return true
  }

  /** When to try a message that is about to be tried, or has just been; undefined if nobody asks. */
  heed(channel: Channel, id: MessageId, now: number): number | undefined {
    if (performance.now() > this.#heedUntil) return undefined
    const time = asked(channel, id, undefined, now)
    if (time !== undefined) this.#answer(channel, id, time)
    return time
  }

  /** Hold a message that is about to be tried, as qhold does; qrelease lets it go. */
  hold(channel: Channel, id: MessageId, log: Log): void {
    this.#answer(channel, id, heldUntil, (file) => log.warning(`trouble marking ${file}; it is held until send ends`))
    channel.schedule(id, heldUntil)
  }

  /** @param failed - told which file did not take the mark; by default it is asked for again */
  #answer(channel: Channel, id: MessageId, time: number, failed: (file: string) => void = () => undefined): void {
    const file = queuePath(channel.name, id)
    this.#forget(id)
    try {
      utimesSync(`queue/${file}`, time, time)
    } catch {
      failed(file)
    }
  }
}

/** @param due - what is known, if it waits: one that is held goes on when its file says so no more */
function asked({ name }: Channel, id: MessageId, due: number | undefined, now: number): number | undefined {
  let mtime: number
  try {
    const stats = statSync(`queue/${queuePath(name, id)}`, { throwIfNoEntry: false })
    if (stats === undefined) return undefined
    mtime = Math.floor(stats.mtimeMs / 1000)
  } catch {
    return undefined
  }
  if (due === heldUntil && mtime === heldUntil) return undefined
  return askedTime(mtime, now) ?? (due !== undefined && due >= holdAsked ? mtime : undefined)
}
