/** The sets of messages that clients write: `1:3,7`, `5:*`, `$` (RFC 9051 §9, RFC 5182 §2). */
import { imapSetRanges } from '@yabumi/limits'
import { numberOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { NumberSet } from './numberset.ts'

/** `saved` is `$`, the result of the last search that saved one. In ranges, 0 stands for `*`. */
export type SequenceSet = 'saved' | { readonly ranges: readonly (readonly [number, number])[] }

/** A text that may be a set: digits, `*` or `$` come first. */
export function looksLikeSet(text: string): boolean {
  return /^[\d*$]/.test(text)
}

/** @throws BadCommand - it is none, or has more than `imapSetRanges` ranges that do not touch */
export function parseSequenceSet(text: string): SequenceSet {
  if (text === '$') return 'saved'
  const all = text.split(',').map(rangeOf)
  const fixed = all.filter((range) => !range.includes(0)).map(([a, b]) => (a <= b ? ([a, b] as const) : ([b, a] as const)))
  const ranges = [...NumberSet.ofRanges(fixed).ranges(), ...all.filter((range) => range.includes(0))]
  if (ranges.length > imapSetRanges) throw new BadCommand('Too many ranges in messageset')
  return { ranges }
}

function rangeOf(part: string): readonly [number, number] {
  const [first = '', last = first, more] = part.split(':')
  if (more !== undefined) throw new BadCommand('Invalid messageset')
  return [boundOf(first), boundOf(last)]
}

function boundOf(text: string): number {
  if (text === '*') return 0
  const number = numberOf(text, 'messageset')
  if (number === 0) throw new BadCommand('Invalid messageset')
  return number
}

/**
 * The numbers that a set means.
 *
 * @param last - what `*` is: EXISTS, or the highest UID; with 0 of an empty mailbox `*` means nothing
 * @param saved - what `$` is
 */
export function resolveSet(set: SequenceSet, last: number, saved: NumberSet): NumberSet {
  if (set === 'saved') return saved
  const ranges = set.ranges.map(([a, b]) => {
    const first = a === 0 ? last : a
    const second = b === 0 ? last : b
    return first <= second ? ([first, second] as const) : ([second, first] as const)
  })
  return NumberSet.ofRanges(ranges.filter(([first]) => first > 0))
}

/** Whether FETCH, STORE, COPY or MOVE by message numbers may use it: every number exists. */
export function isWithin(set: SequenceSet, exists: number): boolean {
  return set === 'saved' || set.ranges.every((range) => range.every((bound) => bound <= exists && (bound > 0 || exists > 0)))
}
