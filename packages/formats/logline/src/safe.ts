/** Text from outside can neither forge a line of the log nor break one: it becomes one printable word. */
import { clientWordBytes } from '@yabumi/limits'

/** Text from outside as it goes into the log: one line, printable, without blanks and percent signs (spec §2.5.7). */
export function logSafe(text: string): string {
  return text.replace(/[^!-$&-~]/g, (byte) => (byte === '\n' ? '/' : '_'))
}

/**
 * What a client has said, as one word of printable ASCII at the end of a line: all other bytes, blanks and `=` too, as `=XX`.
 *
 * @param text - byte string
 * @returns at most 100 bytes, of which the last is no half of an `=XX`; `-` if it has said nothing
 */
export function clientWord(text: string): string {
  if (text === '') return '-'
  const start = text.slice(0, clientWordBytes)
  if (!foreign.test(start)) return start
  const word = start.replace(allForeign, (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
  return word.length <= clientWordBytes ? word : word.slice(0, clientWordBytes).replace(/=.?$/, '')
}

const foreign = /[^!-<>-~]/
const allForeign = /[^!-<>-~]/g
