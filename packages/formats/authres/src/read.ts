/**
 * Read what a receiver found out about a message. What is no result of the grammar is passed over, up to the next
 * semicolon.
 *
 * Bound   time is linear in the bytes
 */
import { Scanner } from './scanner.ts'

/** Words of methods, results and properties are in lower case; values stand as they were written. */
export interface MethodResult {
  readonly method: string
  readonly result: string
  /** Why, in the receiver's words. */
  readonly reason?: string
  /** By `ptype.property`, `smtp.mailfrom`; the first of a name counts. */
  readonly properties: ReadonlyMap<string, string>
}

export interface AuthResults {
  /** Who says so; empty if the field says nothing. */
  readonly id: string
  readonly results: readonly MethodResult[]
  /** What follows the name, from its first semicolon on, as it stands. */
  readonly text: string
}

/** Who says so. @param value - the body of the field, a byte string */
export function readId(value: string): string {
  return idIn(new Scanner(value))
}

function idIn(scanner: Scanner): string {
  scanner.skipBlanks()
  return scanner.word(';')
}

/** @param value - the body of the field, a byte string, folded or not. Never throws */
export function readAuthResults(value: string): AuthResults {
  const scanner = new Scanner(value)
  const id = idIn(scanner)
  scanner.skipTo(';') // a version, which no later one has changed
  const text = scanner.rest
  const results: MethodResult[] = []
  while (scanner.take(';')) {
    const result = resultIn(scanner)
    if (result !== undefined) results.push(result)
    scanner.skipTo(';')
  }
  return { id, results, text }
}

function resultIn(scanner: Scanner): MethodResult | undefined {
  scanner.skipBlanks()
  const method = scanner.word(';=/').toLowerCase()
  scanner.skipBlanks()
  if (scanner.take('/')) {
    scanner.skipBlanks()
    scanner.word(';=')
    scanner.skipBlanks()
  }
  if (method === '' || !scanner.take('=')) return undefined // as `none` is, which says that nothing was checked
  scanner.skipBlanks()
  const result = scanner.word(';=').toLowerCase()
  if (result === '') return undefined
  const properties = new Map<string, string>()
  let reason: string | undefined
  for (;;) {
    scanner.skipBlanks()
    const name = nameIn(scanner)
    if (name === '' || !scanner.take('=')) break
    scanner.skipBlanks()
    const value = scanner.word(';')
    if (name === 'reason') reason ??= value
    else if (!properties.has(name)) properties.set(name, value)
  }
  return { method, result, ...(reason === undefined ? {} : { reason }), properties }
}

/** `reason`, or `ptype.property` with blanks where the grammar has them. */
function nameIn(scanner: Scanner): string {
  let name = scanner.word(';=.').toLowerCase()
  scanner.skipBlanks()
  while (scanner.take('.')) {
    scanner.skipBlanks()
    name += `.${scanner.word(';=.').toLowerCase()}`
    scanner.skipBlanks()
  }
  return name
}
