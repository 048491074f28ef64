/**
 * The grammar of sendmail's .forward: entries between commas and line ends (README.md, "The .forward file").
 *
 * Quoted strings, comments in brackets and angle brackets keep their commas. No entry goes over several lines.
 */

import { addressIn, behindString, isHalfAName, splitLine, unescaped } from '@yabumi/address'

/** One entry. The text is a byte string, unquoted. */
export interface ForwardEntry {
  /** `mailbox` is a name behind a backslash: that user's mailbox, past any .forward. */
  readonly kind: 'address' | 'mailbox' | 'program' | 'file' | 'include'
  readonly text: string
}

/**
 * The entries of a .forward or included file. Lines that begin with # and empty entries are none.
 *
 * @throws Error, whose message names what is not closed, or is no address
 */
export function parseForwardFile(text: string): ForwardEntry[] {
  const entries = text
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
    .filter((line) => !/^[ \t]*#/.test(line))
    .flatMap(splitLine)
  const half = entries.find((entry, at) => isHalfAName(entry, entries[at + 1]))
  if (half !== undefined) throw noAddress(half)
  return entries.map(parseEntry).filter((entry) => entry.text !== '')
}

function parseEntry(raw: string): ForwardEntry {
  const inner = raw[0] === '"' && behindString(raw, 0) === raw.length ? raw.slice(1, -1) : raw
  const isQuoted = inner !== raw
  if (inner[0] === '|') return { kind: 'program', text: isQuoted ? unescaped(inner.slice(1)) : unquoted(inner.slice(1).trim()) }
  const path = inner.replace(/^(?:~|\$HOME)\//, './')
  if (path.startsWith('/') || path.startsWith('./')) return { kind: 'file', text: isQuoted ? unescaped(path) : path }
  if (/^:include:/i.test(inner)) return { kind: 'include', text: unquoted(inner.slice(':include:'.length).trim()) }
  if (inner[0] === '\\') return { kind: 'mailbox', text: addressOf(inner.slice(1)) }
  return { kind: 'address', text: addressOf(raw) }
}

/** A text that is wholly one quoted string, without its quotes; any other text as it is. */
function unquoted(text: string): string {
  return text[0] === '"' && behindString(text, 0) === text.length ? unescaped(text.slice(1, -1)) : text
}

/** The envelope address in an entry; empty if there is nothing but comments. @throws Error if something is no address */
function addressOf(raw: string): string {
  const address = addressIn(raw)
  if (address === undefined) throw noAddress(raw)
  return address
}

const shownBytes = 100

function noAddress(entry: string): Error {
  return new Error(`no address: ${entry.slice(0, shownBytes)}`)
}
