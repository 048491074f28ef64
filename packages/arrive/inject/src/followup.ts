/**
 * Mail-Followup-To: where answers to a mailing list should go, for those who keep a list of their lists (spec §4.9).
 */
import { readFileSync } from 'node:fs'
import { quoteAddress } from '@yabumi/address'
import { ConstMap, listLines } from '@yabumi/control'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import type { Environment } from './hosts.ts'

/** The lists in the file that QMAILMFTFILE names, relative to where inject was started; undefined without one. */
export function readMailingLists(environment: Environment): ConstMap | undefined {
  const path = environment.get('QMAILMFTFILE')
  if (path === undefined) return undefined
  try {
    return ConstMap.ofLines(listLines(readFileSync(Buffer.from(path, 'latin1')).toString('latin1')))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${path}, named by QMAILMFTFILE: ${errorText(cause)}`, { cause })
  }
}

/**
 * The field for a message to these addresses, with its line end.
 *
 * @param addresses - those of To and Cc, in the order inject reads them; they are listed the other way round
 * @returns undefined if none of them is a list
 */
export function followupField(lists: ConstMap, addresses: Iterable<string>): string | undefined {
  const all = [...addresses]
  if (!all.some((address) => lists.has(address))) return undefined
  return `Mail-Followup-To: ${all.reverse().map(quoteAddress).join(',\n  ')}\n`
}
