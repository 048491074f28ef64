/**
 * Every control file, by its name: the one table (spec §3).
 *
 * showctl shows it, config-fast makes what new homes get, and make map-write makes the list in control/README.md. A
 * default that is a number comes from package limits, from which the programs take it too.
 */
import { arrive } from './arrive.ts'
import { collect } from './collect.ts'
import { deliver } from './deliver.ts'
import type { ControlFile } from './file.ts'
import { operate } from './operate.ts'
import { relay } from './relay.ts'
import { schedule } from './schedule.ts'
import { spam } from './spam.ts'
import { tls } from './tls.ts'
import { vouch } from './vouch.ts'

export type { ControlFile } from './file.ts'

export const controlFiles: Readonly<Record<string, ControlFile>> = {
  ...operate,
  ...arrive,
  ...schedule,
  ...deliver,
  ...relay,
  ...collect,
  ...tls,
  ...vouch,
  ...spam,
}

/** What is written into which file of a new home, beside those that every home needs. */
export const newSettings: readonly (readonly [name: string, line: string])[] = Object.entries(controlFiles).flatMap(
  ([name, { inNewHomes }]) => (inNewHomes === undefined ? [] : [[name, inNewHomes] as const]),
)
