/** What was found out, as the field that a receiver puts on top (RFC 8601). */
import type { ChainVerdict } from '@yabumi/arc'
import { type MethodResult, resultsText } from '@yabumi/authres'
import type { Verdict } from '@yabumi/dkim'

/**
 * `Authentication-Results: HOST; dkim=pass header.d=example.org ...`, folded, without its line end.
 *
 * @param host - who says so
 */
export function resultsField(host: string, verdicts: readonly Verdict[], arc: ChainVerdict): string {
  const signatures =
    verdicts.length === 0 ? [{ method: 'dkim', result: 'none', properties: new Map<string, string>() }] : verdicts.map(dkimResult)
  const comments = verdicts.map(({ testing }) => (testing === true ? 'test mode' : undefined))
  const text = resultsText(host, [...signatures, arcResult(arc)], comments)
  return `Authentication-Results: ${text.replaceAll('\r\n', '\n')}`
}

function dkimResult({ result, reason, domain, selector, algorithm, b }: Verdict): MethodResult {
  const properties = Object.entries({ d: domain, s: selector, a: algorithm, b }).filter(([, value]) => value !== '')
  const named = new Map(properties.map(([name, value]) => [`header.${name}`, value]))
  return { method: 'dkim', result, ...(reason === undefined ? {} : { reason }), properties: named }
}

function arcResult({ result, reason }: ChainVerdict): MethodResult {
  return { method: 'arc', result, ...(reason === undefined ? {} : { reason }), properties: new Map() }
}
