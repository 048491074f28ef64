/** What the exit code of a local delivery becomes in the report to send (spec §2.4.4). */
import type { Status } from '@yabumi/spawnprotocol'
import { cannotRunExit } from '@yabumi/trouble'

export interface Verdict {
  readonly status: Status
  /** Byte string. */
  readonly text: string
}

/** How local, or the look-up in front of it, ended; `silent`: not at all, and it no longer answers. */
export type Ending = number | 'crashed' | 'silent'

/** Endings that have a text of their own; for all others the text is what local wrote. */
const texts: Record<number, string> = {
  112: 'Internal qmail-lspawn bug.\n',
  113: 'Not allowed to perform deliveries as root.\n',
  115: 'NFS failure in qmail-local.\n',
  116: 'Unable to find alias user!\n',
  117: 'Trouble reading users/cdb in qmail-lspawn.\n',
  118: 'Temporary failure in qmail-lspawn.\n',
  119: 'Out of memory in qmail-lspawn.\n',
  [cannotRunExit]: 'Unable to run qmail-local.\n',
  121: 'Unable to run qmail-getpw.\n',
  126: 'Unable to run qmail-local.\n',
}

const temporary = new Set([111, 71, 74, 75])

/** @param written - what local wrote, cut to the size of a report */
export function verdictOf(ending: Ending, written: string): Verdict {
  if (ending === 'silent') return { status: 'Z', text: written }
  if (ending === 'crashed') return { status: 'Z', text: 'qmail-local crashed.\n' }
  const own = texts[ending]
  if (own !== undefined) return { status: 'Z', text: own }
  if (ending === 0) return { status: 'K', text: written }
  return { status: temporary.has(ending) ? 'Z' : 'D', text: written }
}
