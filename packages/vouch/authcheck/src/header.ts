/** What was found out, as the field that a receiver puts on top (RFC 8601). */
import type { Verdict } from '@yabumi/dkim'

/**
 * `Authentication-Results: HOST; dkim=pass header.d=example.org ...`, folded, without its line end.
 *
 * @param host - who says so
 */
export function resultsField(host: string, verdicts: readonly Verdict[]): string {
  const results = verdicts.length === 0 ? ['dkim=none'] : verdicts.map(dkimResult)
  return [`Authentication-Results: ${host}`, ...results].join(';\n\t')
}

function dkimResult({ result, reason, domain, selector, algorithm, b, testing }: Verdict): string {
  const properties = { d: domain, s: selector, a: algorithm, b }
  const known = Object.entries(properties).filter(([, value]) => value !== '')
  return [
    `dkim=${result}`,
    ...(testing === true ? ['(test mode)'] : []),
    ...(reason === undefined ? [] : [`reason=${quoted(reason)}`]),
    ...known.map(([name, value]) => `header.${name}=${isToken(value) ? value : quoted(value)}`),
  ].join(' ')
}

/** RFC 2045 §5.1. */
function isToken(text: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]+$/.test(text)
}

function quoted(text: string): string {
  return `"${text.replace(/[^ -~]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
