/**
 * The two ways out, local and remote: each with its messages by due time, its spawn program and its limit.
 */
import type { MessageId } from '@yabumi/queuedir'
import type { ChannelNumber } from '@yabumi/retrytimes'
import type { NumberWidth } from '@yabumi/spawnprotocol'
import type { Context } from './context.ts'
import { DueHeap } from './heap.ts'

export type ChannelName = 'local' | 'remote'

/** What a spawn program takes, as far as control/ asks for it. */
export interface Slots {
  readonly limit: number
  readonly slow: number
  readonly width: NumberWidth
}

export class Channel {
  readonly number: ChannelNumber
  /** Also the name of its directory under queue/. */
  readonly name: ChannelName
  /** Deliveries at once, at most, but for slow ones. */
  readonly limit: number
  /** Of these so many more. */
  readonly slow: number
  /** Bytes of the delivery numbers that its spawn program takes. */
  readonly width: NumberWidth
  /** Messages with recipients here and no job. */
  readonly heap: DueHeap = new DueHeap()
  /** Deliveries under way. */
  busy = 0

  constructor(number: ChannelNumber, { limit, slow, width }: Slots) {
    this.number = number
    this.name = number === 0 ? 'local' : 'remote'
    this.limit = limit
    this.slow = slow
    this.width = width
  }

  /** A message is to be tried at this time. */
  schedule(id: MessageId, due: number): void {
    this.heap.insert(id, due)
  }
}

export type Channels = readonly [Channel, Channel]

/** The line that follows every start and every end of a delivery. */
export function logStatus({ log, channels: [local, remote], leaving }: Context): void {
  const counts = `local ${local.busy}/${local.limit} remote ${remote.busy}/${remote.limit}`
  log.line(`status: ${counts}${leaving ? ' exitasap' : ''}`)
}
