/** Whether send tells rspawn the facts of a delivery: where both are the ones that were installed together. */
import { isOurs } from '@yabumi/home'
import { factsToo } from '@yabumi/spawnprotocol'
import type { ProgramName } from './programs.ts'

/** The arguments for both. */
export function factsFor(find: (name: ProgramName) => string): string[] {
  return (['send', 'rspawn'] as const).every((name) => isOurs(find(name), name)) ? [factsToo] : []
}
