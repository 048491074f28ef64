/**
 * The two ways out, local and remote: each with its messages by due time, its spawn program and its limit.
 */
import type { MessageId } from '@yabumi/queuedir'
import type { ChannelName } from '@yabumi/retrytimes'
import type { NumberWidth } from '@yabumi/spawnprotocol'
import { DueHeap } from './heap.ts'

/** One of something for each way out. */
export type PerChannel<T> = Readonly<Record<ChannelName, T>>

/** In the order in which both have their turns. */
export function both<T>({ local, remote }: PerChannel<T>): readonly [T, T] {
  return [local, remote]
}

/** What a spawn program takes, as far as control/ asks for it. */
export interface Slots {
  readonly limit: number
  readonly slow: number
  readonly width: NumberWidth
  /** Whether it hears the facts of a delivery. */
  readonly tellsFacts: boolean
}

export class Channel {
  /** Also of its directory under queue/. */
  readonly name: ChannelName
  /** Deliveries at once, at most, but for slow ones. */
  readonly limit: number
  /** Of these so many more. */
  readonly slow: number
  /** Bytes of the delivery numbers that its spawn program takes. */
  readonly width: NumberWidth
  /** Whether that hears the facts of a delivery. */
  readonly tellsFacts: boolean
  /** Messages with recipients here and no job. */
  readonly heap: DueHeap = new DueHeap()
  /** Deliveries under way. */
  busy = 0

  constructor(name: ChannelName, { limit, slow, width, tellsFacts }: Slots) {
    this.name = name
    this.limit = limit
    this.slow = slow
    this.width = width
    this.tellsFacts = tellsFacts
  }

  /** A message is to be tried at this time. */
  schedule(id: MessageId, due: number): void {
    this.heap.insert(id, due)
  }
}

export type Channels = PerChannel<Channel>
