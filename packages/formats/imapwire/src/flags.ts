/** Flags and keywords that clients write (RFC 9051 §2.3.2). */
import type { Arguments } from './arguments.ts'
import { keywordOf } from './arguments.ts'
import { BadCommand, RefusedCommand } from './bad.ts'

/** The system flags that a client may set, in the spelling of answers. */
export const systemFlags: readonly string[] = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft']
const bySpelling = new Map(systemFlags.map((flag) => [flag.toUpperCase(), flag]))

/** What a client wants set: system flags in their spelling, keywords in the client's, each once. */
export interface Flags {
  readonly system: readonly string[]
  readonly keywords: readonly string[]
}

/** Longest keyword, in bytes. */
const keywordBytes = 255

/**
 * The words that are left, each a flag.
 *
 * @throws BadCommand - an unknown system flag, or no flag
 * @throws RefusedCommand - with CANNOT: a keyword holds what the file of keywords cannot
 */
export function parseFlags(args: Arguments): Flags {
  const system = new Set<string>()
  const keywords = new Map<string, string>()
  while (!args.atEnd) {
    const token = args.take()
    if (token?.type !== 'atom') throw new BadCommand('Flags list contains non-atoms')
    const { text } = token
    if (text.startsWith('\\')) {
      const flag = bySpelling.get(text.toUpperCase())
      if (flag === undefined) throw new BadCommand(`Invalid system flag ${text}`)
      system.add(flag)
      continue
    }
    if (!/^[^\x00-\x20\x7f-\xff(){%*"\\\]]{1,255}$/.test(text) || text.length > keywordBytes) {
      throw new RefusedCommand('Invalid keyword', 'CANNOT')
    }
    if (!keywords.has(text.toUpperCase())) keywords.set(text.toUpperCase(), text)
  }
  return { system: [...system], keywords: [...keywords.values()] }
}

/** `FLAGS`, `+FLAGS.SILENT` and so on, with the flags that follow in a list or without. */
export interface StoreAction {
  readonly how: 'replace' | 'add' | 'remove'
  readonly silent: boolean
  readonly flags: Flags
}

/** @throws BadCommand, RefusedCommand */
export function parseStoreAction(args: Arguments): StoreAction {
  const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/.exec(keywordOf(args.take()) ?? '') ?? []
  if (sign === undefined) throw new BadCommand('Invalid STORE action')
  if (args.atEnd) throw new BadCommand('Missing flags')
  const list = args.takeList()
  if (list !== undefined) args.end()
  const how = sign === '+' ? 'add' : sign === '-' ? 'remove' : 'replace'
  return { how, silent: silent !== undefined, flags: parseFlags(list ?? args) }
}
