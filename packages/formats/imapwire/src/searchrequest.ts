/** SEARCH, SORT and THREAD: what to find, how to order it, what to answer (RFC 9051 §6.4.4, RFC 5256, RFC 5267). */
import { Arguments, keywordOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { type PartialRange, parsePartialRange } from './partialrange.ts'
import { parseSearchKeys, parseSearchProgram, type SearchKey } from './search.ts'
import type { Token } from './token.ts'

/** What RETURN asks for; an empty list of it means ALL. */
export interface ReturnOptions {
  readonly min: boolean
  readonly max: boolean
  readonly all: boolean
  readonly count: boolean
  readonly save: boolean
  readonly update: boolean
  readonly context: boolean
  readonly partial: PartialRange | undefined
}

export interface SearchRequest {
  /** Undefined without RETURN: the answer is an untagged SEARCH or SORT. */
  readonly results: ReturnOptions | undefined
  readonly key: SearchKey
}

export type SortField = 'ARRIVAL' | 'CC' | 'DATE' | 'FROM' | 'SIZE' | 'SUBJECT' | 'TO' | 'DISPLAYFROM' | 'DISPLAYTO'
const sortFields: readonly string[] = ['ARRIVAL', 'CC', 'DATE', 'FROM', 'SIZE', 'SUBJECT', 'TO', 'DISPLAYFROM', 'DISPLAYTO']

export interface SortCriterion {
  readonly field: SortField
  readonly reverse: boolean
}

export interface SortRequest extends SearchRequest {
  readonly criteria: readonly SortCriterion[]
}

export type ThreadAlgorithm = 'ORDEREDSUBJECT' | 'REFERENCES' | 'REFS'

export interface ThreadRequest {
  readonly algorithm: ThreadAlgorithm
  readonly key: SearchKey
}

/** @throws BadCommand, RefusedCommand - with BADCHARSET */
export function parseSearch(tokens: readonly Token[]): SearchRequest {
  const args = new Arguments(tokens)
  const results = parseReturn(args)
  return { results, key: parseSearchProgram(args) }
}

/** @throws BadCommand, RefusedCommand - with BADCHARSET */
export function parseSort(tokens: readonly Token[]): SortRequest {
  const args = new Arguments(tokens)
  const results = parseReturn(args)
  const list = args.list('sort program')
  const criteria: SortCriterion[] = []
  while (!list.atEnd) {
    const reverse = list.takeKeyword('REVERSE')
    const field = list.keyword('sort key')
    if (!sortFields.includes(field)) throw new BadCommand('Unknown sort key')
    if (!criteria.some((one) => one.field === field)) criteria.push({ field: field as SortField, reverse })
  }
  if (criteria.length === 0) throw new BadCommand('Missing sort key')
  return { results, criteria, key: parseSearchKeys(args, args.astring('charset argument')) }
}

/** @throws BadCommand, RefusedCommand - with BADCHARSET */
export function parseThread(tokens: readonly Token[]): ThreadRequest {
  const args = new Arguments(tokens)
  const algorithm = args.keyword('thread algorithm')
  if (algorithm !== 'ORDEREDSUBJECT' && algorithm !== 'REFERENCES' && algorithm !== 'REFS') {
    throw new BadCommand('Unknown thread algorithm')
  }
  return { algorithm, key: parseSearchKeys(args, args.astring('charset argument')) }
}

/** Whether a SEARCH or SORT that could not be read has SAVE: where it is refused, `$` becomes empty (RFC 5182 §2.1). */
export function savesResult(tokens: readonly Token[]): boolean {
  const [first, second] = tokens
  return keywordOf(first) === 'RETURN' && second?.type === 'list' && second.items.some((token) => keywordOf(token) === 'SAVE')
}

function parseReturn(args: Arguments): ReturnOptions | undefined {
  if (!args.takeKeyword('RETURN')) return undefined
  const list = args.list('result options')
  const found = new Set<string>()
  let partial: PartialRange | undefined
  if (list.atEnd) found.add('ALL')
  while (!list.atEnd) {
    const option = list.keyword('result option')
    if (option === 'PARTIAL') partial = parsePartialRange(list.keyword('PARTIAL range'))
    else if (/^(MIN|MAX|ALL|COUNT|SAVE|UPDATE|CONTEXT)$/.test(option)) found.add(option)
    else throw new BadCommand('Unknown SEARCH result option')
  }
  if (partial !== undefined && found.has('ALL')) throw new BadCommand('PARTIAL conflicts with ALL')
  return {
    min: found.has('MIN'),
    max: found.has('MAX'),
    all: found.has('ALL'),
    count: found.has('COUNT'),
    save: found.has('SAVE'),
    update: found.has('UPDATE'),
    context: found.has('CONTEXT'),
    partial,
  }
}
