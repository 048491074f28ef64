/**
 * What every concern of send shares.
 */
import type { Channels } from './channel.ts'
import type { Cleaner } from './cleaner.ts'
import type { Controls, Routing } from './controls.ts'
import type { Log } from './log.ts'

export interface Context {
  readonly log: Log
  readonly controls: Controls
  /** As it is now. */
  readonly routing: Routing
  readonly channels: Channels
  readonly cleaner: Cleaner
  /** Nothing new is to be started. */
  readonly leaving: boolean
  /** Something has changed: take a turn. Costs nothing if a turn has been asked for. */
  wake(): void
  /** A program that nothing works without has gone: leave. */
  lose(program: 'spawn' | 'qmail-clean'): void
}
