/** Write what was found out (RFC 8601 §2.2), in lines of a readable length. */
import type { MethodResult } from './read.ts'

/** RFC 2045 §5.1. */
function isToken(text: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]+$/.test(text)
}

/** An address, which stands without quotes as tokens do. */
const address = /^[A-Za-z0-9!#$%&'*+./=^_`{|}~-]*@[A-Za-z0-9._-]+$/

/**
 * The body of a field, folded by CRLF and a tab, without a line end.
 *
 * @param id - who says so @param comments - what stands behind a result in brackets, by its place in the list
 */
export function resultsText(id: string, results: readonly MethodResult[], comments: readonly (string | undefined)[] = []): string {
  if (results.length === 0) return `${valueText(id)}; none`
  return [valueText(id), ...results.map((result, index) => resultText(result, comments[index]))].join(';\r\n\t')
}

function resultText({ method, result, reason, properties }: MethodResult, comment: string | undefined): string {
  return [
    `${method}=${result}`,
    ...(comment === undefined ? [] : [`(${comment.replace(/[^ -~]|[()\\]/g, '?')})`]),
    ...(reason === undefined ? [] : [`reason=${quoted(reason)}`]),
    ...[...properties].map(([name, value]) => `${name}=${valueText(value)}`),
  ].join(' ')
}

function valueText(value: string): string {
  return isToken(value) || address.test(value) ? value : quoted(value)
}

function quoted(text: string): string {
  return `"${text.replace(/[^ -~]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
