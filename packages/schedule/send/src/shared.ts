/**
 * What all parts of send share.
 */

import type { ChannelName } from '@yabumi/retrytimes'
import type { Routing } from '@yabumi/routing'
import type { Controls } from './controls.ts'
import type { Cleaner } from './finish/cleaner.ts'
import type { Delivered } from './finish/delivered.ts'
import type { Channels } from './keep/channel.ts'
import type { FutureTimes } from './keep/futuretimes.ts'
import type { LateSyncs } from './keep/latesyncs.ts'
import type { Requests } from './keep/requests.ts'
import type { Log } from './log.ts'
import type { FirstTry } from './try/firsttry.ts'
import type { HeldLogins } from './try/heldlogins.ts'

export interface Shared {
  readonly log: Log
  readonly controls: Controls
  /** As it is now. */
  readonly routing: Routing
  readonly channels: Channels
  readonly cleaner: Cleaner
  readonly delivered: Delivered
  readonly lateSyncs: LateSyncs
  readonly futureTimes: FutureTimes
  /** What is asked of messages in the queue. */
  readonly requests: Requests
  /** Whose mail waits for the operator. */
  readonly heldLogins: HeldLogins
  /** Nothing new is to be started. */
  readonly leaving: boolean
  /** When every message was made due the last time, as performance.now(). */
  readonly retriedAt: number
  /** Messages that are tried, or wait to be, before they are preprocessed. */
  readonly beingTried: number
  /** Try a message before it is preprocessed. @returns false if that must come first */
  tryFirst(channel: ChannelName, attempt: FirstTry): boolean
  /** Something has changed: take a turn. Costs nothing if a turn has been asked for. */
  wake(): void
  /** A program that nothing works without has gone: leave. */
  lose(program: 'spawn' | 'qmail-clean'): void
}

/** The line that follows every start and every end of a delivery. */
export function logStatus({ log, channels: { local, remote }, leaving }: Shared): void {
  const counts = `local ${local.busy}/${local.limit} remote ${remote.busy}/${remote.limit}`
  log.line(`status: ${counts}${leaving ? ' exitasap' : ''}`)
}
