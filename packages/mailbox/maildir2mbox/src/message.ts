/** A message as it stands in an mbox (spec §8.2). */
import { mboxDate } from '@yabumi/dates'
import { FromQuoter } from '@yabumi/mbox'

const lf = 10
const prefix = 'Return-Path: <'
/** A Return-Path line that is longer names nobody: no address is. */
const longestLine = 4_096

/**
 * The separator, the message with its lines quoted, its last line ended, and an empty line.
 *
 * @param seconds - when the message arrived
 * @returns pieces, each of which must be used before the next one is asked for
 */
export function* messagePieces(pieces: Iterable<Buffer>, seconds: number): Generator<Buffer, void> {
  const quoter = new FromQuoter()
  let begun = false
  for (const piece of pieces) {
    if (!begun) yield separator(piece, seconds)
    begun = true
    yield* quoter.push(piece)
  }
  if (!begun) yield separator(Buffer.alloc(0), seconds)
  yield Buffer.concat([quoter.end(), Buffer.from('\n')])
}

function separator(start: Buffer, seconds: number): Buffer {
  return Buffer.from(`From ${senderOf(start)} ${mboxDate(seconds)}\n`, 'latin1')
}

/** What the first line says: between the brackets of Return-Path, where blanks would end it, or XXX. */
function senderOf(start: Buffer): string {
  const end = start.indexOf(lf)
  const line = start.toString('latin1', 0, Math.min(end < 0 ? start.length : end, longestLine))
  if (!line.startsWith(prefix)) return 'XXX'
  const address = line.slice(prefix.length, -1).replace(/[ \t]/g, '-')
  return address === '' ? 'MAILER-DAEMON' : address
}
