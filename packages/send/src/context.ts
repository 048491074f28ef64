/**
 * What every concern of send shares.
 */
import type { ChannelNumber } from '@yabumi/retrytimes'
import type { Routing } from '@yabumi/routing'
import type { Channels } from './channel.ts'
import type { Cleaner } from './cleaner.ts'
import type { Controls } from './controls.ts'
import type { Delivered } from './delivered.ts'
import type { FirstTry } from './firsttry.ts'
import type { FutureTimes } from './futuretimes.ts'
import type { LateSyncs } from './latesyncs.ts'
import type { Log } from './log.ts'
import type { Requests } from './requests.ts'

export interface Context {
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
  /** Nothing new is to be started. */
  readonly leaving: boolean
  /** Messages that are tried, or wait to be, before they are preprocessed. */
  readonly beingTried: number
  /** Try a message before it is preprocessed. @returns false if that must come first */
  tryFirst(channel: ChannelNumber, attempt: FirstTry): boolean
  /** Something has changed: take a turn. Costs nothing if a turn has been asked for. */
  wake(): void
  /** A program that nothing works without has gone: leave. */
  lose(program: 'spawn' | 'qmail-clean'): void
}
