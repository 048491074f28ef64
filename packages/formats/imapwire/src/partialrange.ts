/** Places in a list of results: `1:500`, or `-1:-100` from its end (RFC 9394 §3.1). */
import { numberOf } from './arguments.ts'
import { BadCommand } from './bad.ts'

/** First and last place, 1 or higher, `first` not beyond `last`; counted from the end where `fromEnd`. */
export interface PartialRange {
  readonly first: number
  readonly last: number
  readonly fromEnd: boolean
  /** As the client wrote it. */
  readonly text: string
}

/** @throws BadCommand */
export function parsePartialRange(text: string): PartialRange {
  const [, minus, a, otherMinus, b] = /^(-?)(\d{1,10}):(-?)(\d{1,10})$/.exec(text) ?? []
  if (a === undefined || b === undefined || minus !== otherMinus) throw new BadCommand('Invalid PARTIAL range')
  const ends = [numberOf(a, 'PARTIAL range'), numberOf(b, 'PARTIAL range')] as const
  if (ends.includes(0)) throw new BadCommand('Invalid PARTIAL range')
  return { first: Math.min(...ends), last: Math.max(...ends), fromEnd: minus === '-', text }
}

/** Those of a list, in ascending order, that have a place of the range. */
export function takePartial<T>(list: readonly T[], { first, last, fromEnd }: PartialRange): T[] {
  return fromEnd ? list.slice(Math.max(0, list.length - last), Math.max(0, list.length - first + 1)) : list.slice(first - 1, last)
}
