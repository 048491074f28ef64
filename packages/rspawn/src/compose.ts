import { printableText } from '@yabumi/printable'
import type { Status } from '@yabumi/spawnprotocol'

/** What send is told of one delivery. */
export interface Composed {
  readonly status: Status
  readonly text: string
}

const statuses: Record<number, Status> = { 1: 'K', 0: 'Z', [-1]: 'D' }

/**
 * Make one report of what a remote program said about a message for one recipient (spec §2.4.5, rules 2 to 4).
 *
 * The first report starting with K, Z or D is the message's result. An `s` or `h` at the very start, a recipient refused for
 * now or for good, overrules it. The text is that of the first report, and of the one right behind it if that says how the
 * message ended and not better than the recipient did.
 *
 * @param output - reports, each ended by NUL; not empty
 */
export function composeReport(output: string): Composed {
  const result = messageResult(output)
  const overall = output[0] === 's' ? 0 : output[0] === 'h' ? -1 : result
  const end = output.indexOf('\0', 1)
  let text = end < 0 ? '' : output.slice(1, end)
  if (end >= 0 && result <= overall && /^[ZDK]/.test(output.slice(end + 1, end + 2))) {
    text += output.slice(end + 2).split('\0', 1)[0]
  }
  return { status: statuses[overall] as Status, text: printableText(text, '?') } // other hosts said it, and it goes into bounces
}

function messageResult(output: string): -1 | 0 | 1 {
  for (const report of output.split('\0').slice(0, -1)) {
    if (report[0] === 'K') return 1
    if (report[0] === 'Z') return 0
    if (report[0] === 'D') return -1
  }
  return -1
}
