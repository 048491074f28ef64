/** The arguments of LIST, LSUB and STATUS (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154 §3, RFC 9590). */
import { Arguments } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { entryName } from './metadata.ts'
import type { Token } from './token.ts'

export type StatusItem =
  | 'MESSAGES'
  | 'RECENT'
  | 'UIDNEXT'
  | 'UIDVALIDITY'
  | 'UNSEEN'
  | 'HIGHESTMODSEQ'
  | 'SIZE'
  | 'DELETED'
  | 'DELETED-STORAGE'
  | 'APPENDLIMIT'
  | 'MAILBOXID'
const statusItems: readonly string[] =
  'MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE DELETED DELETED-STORAGE APPENDLIMIT MAILBOXID'.split(' ')

const selections: readonly string[] = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']
const returns: readonly string[] = ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'MYRIGHTS']

export interface ListRequest {
  readonly reference: string
  /** At least one; names and patterns are as written. */
  readonly patterns: readonly string[]
  /** It has selection options, a list of patterns or RETURN: the answer says only what was asked for. */
  readonly extended: boolean
  readonly select: ReadonlySet<string>
  /** Names of RETURN's options but STATUS and METADATA; undefined without RETURN. */
  readonly returns: ReadonlySet<string> | undefined
  readonly status: readonly StatusItem[] | undefined
  readonly metadata: readonly string[] | undefined
}

/** LIST, or with no option LSUB. @throws BadCommand */
export function parseList(tokens: readonly Token[]): ListRequest {
  const args = new Arguments(tokens)
  const options = args.takeList()
  const select = options === undefined ? new Set<string>() : keywords(options, selections, 'select options')
  if (select.has('RECURSIVEMATCH') && !['SUBSCRIBED', 'SPECIAL-USE'].some((one) => select.has(one))) {
    throw new BadCommand('RECURSIVEMATCH must not be the only selection')
  }
  const reference = args.astring('reference')
  const list = args.takeList()
  const patterns: string[] = []
  if (list === undefined) patterns.push(args.astring('pattern'))
  else while (!list.atEnd) patterns.push(list.astring('pattern'))
  if (patterns.length === 0) throw new BadCommand('Missing pattern')
  const asked = args.takeKeyword('RETURN') ? parseReturns(args.list('return options')) : undefined
  args.end()
  const extended = options !== undefined || list !== undefined || asked !== undefined
  return { reference, patterns, extended, select, returns: asked?.names, status: asked?.status, metadata: asked?.metadata }
}

/** A list of what STATUS asks for. @throws BadCommand */
export function parseStatusItems(list: Arguments): StatusItem[] {
  const items = new Set<string>()
  while (!list.atEnd) {
    const item = list.keyword('status item')
    if (!statusItems.includes(item)) throw new BadCommand(`Invalid status item ${item}`)
    items.add(item)
  }
  if (items.size === 0) throw new BadCommand('Empty status list')
  return [...items] as StatusItem[]
}

function keywords(list: Arguments, known: readonly string[], what: string): Set<string> {
  const found = new Set<string>()
  while (!list.atEnd) {
    const word = list.keyword(what)
    if (!known.includes(word)) throw new BadCommand(`Unknown ${what}`)
    found.add(word)
  }
  return found
}

function parseReturns(list: Arguments): { names: ReadonlySet<string>; status?: StatusItem[]; metadata?: string[] } {
  const names = new Set<string>()
  let status: StatusItem[] | undefined
  let metadata: string[] | undefined
  while (!list.atEnd) {
    const word = list.keyword('return options')
    if (word === 'STATUS') status = parseStatusItems(list.list('status list'))
    else if (word === 'METADATA') {
      const entries = list.list('entries')
      metadata = []
      while (!entries.atEnd) metadata.push(entryName(entries))
    } else if (returns.includes(word)) names.add(word)
    else throw new BadCommand('Unknown return options')
  }
  return { names, ...(status === undefined ? {} : { status }), ...(metadata === undefined ? {} : { metadata }) }
}
