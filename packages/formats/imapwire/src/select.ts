/** The arguments of SELECT and EXAMINE (RFC 7162 §3.1.8, §3.2.5). */
import { Arguments, highestNumber, modseqOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { parseSequenceSet, type SequenceSet } from './sequenceset.ts'
import type { Token } from './token.ts'

export interface SelectRequest {
  readonly mailbox: string
  readonly condstore: boolean
  readonly qresync: QresyncRequest | undefined
}

/** What the client knows. `sequence` has message numbers and the UIDs that they had, side by side. */
export interface QresyncRequest {
  readonly uidValidity: number
  readonly modseq: number
  readonly knownUids: SequenceSet | undefined
  readonly sequence: { readonly numbers: SequenceSet; readonly uids: SequenceSet } | undefined
}

/** @throws BadCommand */
export function parseSelect(tokens: readonly Token[]): SelectRequest {
  const args = new Arguments(tokens)
  const mailbox = args.astring('mailbox name')
  const list = args.takeList()
  args.end()
  if (list?.atEnd) throw new BadCommand('Missing SELECT parameter')
  let condstore = false
  let qresync: QresyncRequest | undefined
  while (list !== undefined && !list.atEnd) {
    const name = list.keyword('SELECT parameter')
    if (name === 'CONDSTORE') condstore = true
    else if (name === 'QRESYNC') qresync = parseQresync(list.list('QRESYNC parameters'))
    else throw new BadCommand('Unknown SELECT parameter')
  }
  return { mailbox, condstore, qresync }
}

function parseQresync(list: Arguments): QresyncRequest {
  const uidValidity = list.number('QRESYNC UIDVALIDITY', highestNumber)
  const modseq = modseqOf(list.keyword('QRESYNC modseq'))
  const knownUids = list.peek()?.type === 'atom' ? fixedSet(list, 'QRESYNC known-uids') : undefined
  const pair = list.takeList()
  const sequence = pair && { numbers: fixedSet(pair, 'QRESYNC numbers'), uids: fixedSet(pair, 'QRESYNC UIDs') }
  pair?.end()
  list.end()
  return { uidValidity, modseq, knownUids, sequence }
}

/** A set without `*` and `$`. */
function fixedSet(list: Arguments, what: string): SequenceSet {
  const set = parseSequenceSet(list.keyword(what))
  if (set === 'saved' || set.ranges.some((range) => range.includes(0))) throw new BadCommand(`Invalid ${what}`)
  return set
}
