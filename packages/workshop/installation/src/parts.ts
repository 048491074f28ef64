/** What an installed home consists of. */
import { join } from 'node:path'
import { ownedParts } from '@yabumi/homeaccounts'
import type { Part } from '@yabumi/newhome'

/**
 * The parts of an installed home, as of commonParts(); `bin` leads to the programs, and `man`, where man looks for them beside that, to their pages. A
 * home that root installs has accounts.
 */
export function installedParts(prefix: string, closed = false): Part[] {
  return [
    ...ownedParts(closed),
    { kind: 'link', path: 'bin', target: join(prefix, 'lib/yabumi/bin'), owner: 'home' },
    { kind: 'link', path: 'man', target: join(prefix, 'share/man'), owner: 'home' },
  ]
}
