/** The argument of ID: pairs of names and values (RFC 2971 §3.3). */
import { Arguments } from './arguments.ts'
import type { Token } from './token.ts'

/** Pairs that are kept, and the bytes of a value; what is beyond is left out, so that nobody fails over it. */
const pairs = 30
const valueBytes = 1_024

/** What the client says of itself, names in lower case; empty for NIL. @throws BadCommand */
export function parseId(tokens: readonly Token[]): ReadonlyMap<string, string> {
  const args = new Arguments(tokens)
  const found = new Map<string, string>()
  if (args.takeKeyword('NIL')) return found
  const list = args.list('ID list')
  while (!list.atEnd) {
    const name = list.astring('ID field').toLowerCase()
    const value = list.atEnd ? undefined : list.nstring('ID value')
    if (value !== undefined && found.size < pairs) found.set(name.slice(0, pairs), value.slice(0, valueBytes))
  }
  return found
}
