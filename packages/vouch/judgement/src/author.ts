/** Whose message it says it is: the domain of its author (RFC 9989 §4.1). */
import { splitAddress } from '@yabumi/address'
import { nameOf } from '@yabumi/dkim'
import { addressText, rewriteAddressList } from '@yabumi/header'

/** The domain; or why there is none that could be asked. */
export type Author = { readonly domain: string } | { readonly problem: string; readonly isTooLong?: true }

/**
 * The one domain of the addresses in From.
 *
 * @param fields - byte strings, with line ends; undefined for a header beyond the limit
 */
export function authorOf(fields: readonly string[] | undefined): Author {
  if (fields === undefined) return { problem: 'the header is too long', isTooLong: true }
  const [from, ...others] = fields.filter((field) => nameOf(field) === 'from')
  if (from === undefined) return { problem: 'it has no From' }
  if (others.length > 0) return { problem: 'it has several From fields' }
  const domains = domainsIn(from.replaceAll('\r\n', '\n'))
  const [domain, second] = domains ?? []
  if (second !== undefined) return { problem: 'its authors are of several domains' }
  return domain === undefined || domain === '' ? { problem: 'its From is no address' } : { domain }
}

function domainsIn(field: string): Set<string> | undefined {
  const domains = new Set<string>()
  try {
    const list = rewriteAddressList(field, (tokens) => void domains.add((splitAddress(addressText(tokens)).domain ?? '').toLowerCase()))
    return list === undefined ? undefined : domains
  } catch {
    return undefined // beyond the limits of a list
  }
}
