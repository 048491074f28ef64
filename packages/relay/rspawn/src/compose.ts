/**
 * send hears one report of each delivery, whatever a remote program has said of it, and hears it in printable bytes.
 */
import { printableText } from '@yabumi/printable'
import type { Status } from '@yabumi/spawnprotocol'

/** What send is told of one delivery. */
export interface Composed {
  readonly status: Status
  readonly text: string
}

const worstFirst = 'DZK'

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
  const overall = output[0] === 's' ? 'Z' : output[0] === 'h' ? 'D' : result
  const end = output.indexOf('\0', 1)
  let text = end < 0 ? '' : output.slice(1, end)
  if (end >= 0 && worstFirst.indexOf(result) <= worstFirst.indexOf(overall) && /^[ZDK]/.test(output.slice(end + 1, end + 2))) {
    text += output.slice(end + 2).split('\0', 1)[0]
  }
  return { status: overall, text: printableText(text, '?') } // other hosts said it, and it goes into bounces
}

function messageResult(output: string): Status {
  for (const [letter] of output.split('\0').slice(0, -1)) if (letter === 'K' || letter === 'Z' || letter === 'D') return letter
  return 'D'
}
