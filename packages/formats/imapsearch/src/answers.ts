/** What SEARCH and SORT answer, and what `$` becomes (RFC 9051 §7.3.4, RFC 4731, RFC 5182, RFC 5267, RFC 9394). */
import { NumberSet, type ReturnOptions, takePartial } from '@yabumi/imapwire'

export interface SearchAnswer {
  readonly tag: string
  /** UIDs were asked for: they are what is found. */
  readonly uid: boolean
  /** What was found, numbers or UIDs: in ascending order, or as SORT put them. */
  readonly found: readonly number[]
  readonly kind: 'SEARCH' | 'SORT'
  /** Of RETURN; undefined without it. */
  readonly results: ReturnOptions | undefined
  /** IMAP4rev2 was enabled: the answer is ESEARCH even without RETURN. */
  readonly rev2: boolean
  /** The highest mod-sequence of what was found, where the search asked for one. */
  readonly modseq: number | undefined
}

/** The untagged line without `* ` and its end; undefined where only `$` was wanted. */
export function writeSearchAnswer(answer: SearchAnswer): string | undefined {
  const { tag, uid, found, kind, results, modseq } = answer
  if (results === undefined && !(answer.rev2 && kind === 'SEARCH')) {
    const told = modseq === undefined || found.length === 0 ? '' : ` (MODSEQ ${modseq})`
    return [kind, ...found].join(' ') + told
  }
  const items = results === undefined ? allOf(found) : itemsOf(found, results)
  if (results?.save === true && items.length === 0 && !results.min && !results.max) return undefined
  if (modseq !== undefined && found.length > 0) items.push(`MODSEQ ${modseq}`)
  const head = `ESEARCH (TAG "${tag.replaceAll(/["\\]/g, '\\$&')}")${uid ? ' UID' : ''}`
  return [head, ...items].join(' ')
}

/** What SAVE keeps, of what was found in ascending order: with MIN or MAX alone these, with PARTIAL those. */
export function savedOf(ascending: readonly number[], { min, max, all, count, partial }: ReturnOptions): NumberSet {
  if (all || count || !(min || max || partial !== undefined)) return NumberSet.ofSorted(ascending)
  const kept = partial === undefined ? [] : takePartial(ascending, partial)
  if (min) kept.push(...ascending.slice(0, 1))
  if (max) kept.push(...ascending.slice(-1))
  return NumberSet.of(kept)
}

/** Numbers in this order, as a set that keeps it: only ascending neighbours are ranges. */
export function orderedSet(numbers: readonly number[]): string {
  const parts: string[] = []
  for (let at = 0; at < numbers.length; ) {
    const first = numbers[at] as number
    let last = first
    for (at += 1; numbers[at] === last + 1; at += 1) last += 1
    parts.push(first === last ? String(first) : `${first}:${last}`)
  }
  return parts.join(',')
}

function allOf(found: readonly number[]): string[] {
  return found.length === 0 ? [] : [`ALL ${orderedSet(found)}`]
}

function itemsOf(found: readonly number[], { min, max, all, count, partial }: ReturnOptions): string[] {
  const items: string[] = []
  if (min && found.length > 0) items.push(`MIN ${found[0]}`)
  if (max && found.length > 0) items.push(`MAX ${found.at(-1)}`)
  if (all) items.push(...allOf(found))
  if (count) items.push(`COUNT ${found.length}`)
  if (partial !== undefined) items.push(`PARTIAL (${partial.text} ${orderedSet(takePartial(found, partial)) || 'NIL'})`)
  return items
}
