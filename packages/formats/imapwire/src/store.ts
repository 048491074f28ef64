/** The arguments of STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import { Arguments, modseqOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { parseStoreAction, type StoreAction } from './flags.ts'
import { parseSequenceSet, type SequenceSet } from './sequenceset.ts'
import type { Token } from './token.ts'

export interface StoreRequest extends StoreAction {
  readonly set: SequenceSet
  /** Only messages that have not changed since this mod-sequence. */
  readonly unchangedSince: number | undefined
}

/** @throws BadCommand, RefusedCommand - with CANNOT for a keyword */
export function parseStore(tokens: readonly Token[]): StoreRequest {
  const args = new Arguments(tokens)
  const set = parseSequenceSet(args.keyword('messageset'))
  let unchangedSince: number | undefined
  const modifiers = args.takeList()
  while (modifiers !== undefined && !modifiers.atEnd) {
    if (modifiers.keyword('STORE modifiers') !== 'UNCHANGEDSINCE') throw new BadCommand('Unknown STORE modifier')
    unchangedSince = modseqOf(modifiers.keyword('STORE modifiers'))
  }
  return { set, unchangedSince, ...parseStoreAction(args) }
}
