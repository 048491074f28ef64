/**
 * The argument of MAIL and RCPT: its address, and what follows that. The address is read as generously as qmail reads
 * it (spec §5.1, "Address argument").
 */
import { withoutRootDot } from '@yabumi/address'
import { smtpAddressBytes } from '@yabumi/limits'
import type { Settings } from './settings.ts'

/** What is known about addresses like `joe@[192.0.2.1]`. */
export type Literals = Pick<Settings, 'literalName' | 'ownAddresses'>

/** Byte strings. */
export interface Path {
  readonly address: string
  /** What follows the address: parameters. */
  readonly rest: string
}

/**
 * @param argument - what follows the verb: `FROM:<joe@example.com> SIZE=100`; a byte string
 * @returns the address without quotes, backslashes and source route, blanks at its ends and the dot of the root,
 *   a literal of this host replaced by its name; undefined if it is too long or holds a NUL, where an envelope's address ends
 */
export function readPath(argument: string, literals: Literals): Path | undefined {
  const bracket = argument.indexOf('<')
  const text = skipRoute(bracket >= 0 ? withoutBlanks(argument.slice(bracket + 1)) : afterColon(argument))
  const { text: unquoted, rest } = unquote(text, bracket >= 0 ? '>' : ' ')
  const address = nameLiteral(withoutRootDot(unquoted), literals)
  return address.length > smtpAddressBytes || argument.includes('\0') ? undefined : { address, rest }
}

/** Without brackets the address follows the first colon; without a colon there is none. */
function afterColon(argument: string): string {
  const colon = argument.indexOf(':')
  return colon < 0 ? '' : withoutBlanks(argument.slice(colon + 1))
}

/** What follows the blanks in front. */
function withoutBlanks(text: string): string {
  return text.replace(/^ +/, '')
}

/** `@relay,@relay:joe@example.com`: a route has meant nothing for decades (RFC 5321 appendix C). */
function skipRoute(text: string): string {
  if (text[0] !== '@') return text
  const colon = text.indexOf(':')
  return colon < 0 ? '' : text.slice(colon + 1)
}

/** The text up to an unquoted `end` and blanks in front of that, each backslash taking the byte behind it, quotes removed; and what follows `end`. */
function unquote(text: string, end: '>' | ' '): { readonly text: string; readonly rest: string } {
  const stop = text.search(end === '>' ? /[>"\\]/ : /[ "\\]/)
  if (stop < 0) return { text, rest: '' }
  if (text[stop] === end) return { text: beforeBlanks(text.slice(0, stop), 0), rest: text.slice(stop + 1) }
  let address = text.slice(0, stop)
  let quoted = false
  /** How much of the address holds blanks that were quoted. */
  let kept = 0
  for (let i = stop; i < text.length; i += 1) {
    const byte = text[i] as string
    if (byte === '\\') {
      i += 1
      address += text[i] ?? ''
      kept = address.length
    } else if (byte === '"') {
      quoted = !quoted
      kept = address.length
    } else if (byte === end && !quoted) return { text: beforeBlanks(address, kept), rest: text.slice(i + 1) }
    else address += byte
  }
  return { text: address, rest: '' }
}

/** The text without blanks at its end, of which `kept` bytes stay in any case. */
function beforeBlanks(text: string, kept: number): string {
  let end = text.length
  while (end > kept && text[end - 1] === ' ') end -= 1
  return text.slice(0, end)
}

/** `joe@[192.0.2.1]` becomes `joe@` and the name of this host, if that is one of its addresses. */
function nameLiteral(address: string, { literalName, ownAddresses }: Literals): string {
  if (literalName === undefined || !address.endsWith(']')) return address
  const domain = address.lastIndexOf('@') + 1
  const [, ...numbers] = /^\[([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)\]$/.exec(address.slice(domain)) ?? []
  const own = domain > 0 && ownAddresses.has(numbers.map(Number).join('.'))
  return own ? address.slice(0, domain) + literalName : address
}
