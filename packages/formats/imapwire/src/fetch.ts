/** The arguments of FETCH and UID FETCH (RFC 9051 §6.4.5, RFC 7162 §3.1.4, RFC 8970 §3, RFC 9394 §3.2). */
import { Arguments, keywordOf, modseqOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { type PartialRange, parsePartialRange } from './partialrange.ts'
import { type AskedSection, parseSection } from './section.ts'
import { parseSequenceSet, type SequenceSet } from './sequenceset.ts'
import type { Token } from './token.ts'

const simple = words(
  'FLAGS UID INTERNALDATE ENVELOPE BODY BODYSTRUCTURE RFC822 RFC822.HEADER RFC822.SIZE RFC822.TEXT MODSEQ SAVEDATE EMAILID THREADID',
)

/** A data item. The sections are those of BODY, BODY.PEEK, BINARY and BINARY.PEEK; `label` is how the answer names it. */
export type FetchItem =
  | { readonly item: 'simple'; readonly name: string }
  | ({ readonly item: 'preview' } & PreviewItem)
  | ({ readonly item: 'body' | 'binary'; readonly peek: boolean } & AskedSection)
  | ({ readonly item: 'binarySize' } & AskedSection)

/** `fuzzy`: as the drafts of RFC 8970 had it, SNIPPET among them, the answer is `(FUZZY "text")`. */
export interface PreviewItem {
  readonly name: 'PREVIEW' | 'SNIPPET'
  /** Only if it costs nothing. */
  readonly lazy: boolean
  readonly fuzzy: boolean
}

export interface FetchRequest {
  readonly set: SequenceSet
  readonly items: readonly FetchItem[]
  /** Only what has changed since this mod-sequence. */
  readonly changedSince: number | undefined
  /** And those that are gone since. */
  readonly vanished: boolean
  /** Only these of what was found, by their place. */
  readonly partial: PartialRange | undefined
}

const macros = new Map([
  ['ALL', words('FLAGS INTERNALDATE RFC822.SIZE ENVELOPE')],
  ['FAST', words('FLAGS INTERNALDATE RFC822.SIZE')],
  ['FULL', words('FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY')],
])

/** @throws BadCommand */
export function parseFetch(tokens: readonly Token[]): FetchRequest {
  const args = new Arguments(tokens)
  const set = parseSequenceSet(args.keyword('messageset'))
  const items = parseFetchItems(args)
  const modifiers = parseModifiers(args.takeList())
  args.end()
  return { set, items, ...modifiers }
}

/** Items in parentheses, a single one, or a macro; as NOTIFY has them too. @throws BadCommand */
export function parseFetchItems(args: Arguments): FetchItem[] {
  const list = args.takeList()
  if (list === undefined) {
    const macro = macros.get(keywordOf(args.peek()) ?? '')
    if (macro === undefined) return [parseItem(args)]
    args.take()
    return macro.map((name) => ({ item: 'simple', name }))
  }
  if (list.atEnd) throw new BadCommand('FETCH list is empty')
  const items: FetchItem[] = []
  while (!list.atEnd) items.push(parseItem(list))
  return items
}

function parseItem(args: Arguments): FetchItem {
  const name = args.keyword('FETCH item')
  if (simple.includes(name)) return { item: 'simple', name }
  if (name === 'PREVIEW' || name === 'SNIPPET') return { item: 'preview', ...parsePreview(name, args.takeList()) }
  const bracket = name.indexOf('[')
  const asked = (): AskedSection => parseSection(name.slice(bracket + 1), args)
  switch (bracket < 0 ? '' : name.slice(0, bracket)) {
    case 'BODY':
      return { item: 'body', peek: false, ...asked() }
    case 'BODY.PEEK':
      return { item: 'body', peek: true, ...asked() }
    case 'BINARY':
      return { item: 'binary', peek: false, ...asked() }
    case 'BINARY.PEEK':
      return { item: 'binary', peek: true, ...asked() }
    case 'BINARY.SIZE':
      return { item: 'binarySize', ...asked() }
    default:
      throw new BadCommand(`Unknown parameter: ${name}`)
  }
}

function parsePreview(name: PreviewItem['name'], list: Arguments | undefined): PreviewItem {
  let lazy = false
  let fuzzy = name === 'SNIPPET'
  while (list !== undefined && !list.atEnd) {
    const [, isLazy, algorithm] = /^(LAZY(?:=|$))?(FUZZY)?$/.exec(list.keyword('PREVIEW modifier')) ?? []
    if (isLazy === undefined && algorithm === undefined) throw new BadCommand('Unknown PREVIEW modifier')
    lazy ||= isLazy !== undefined
    fuzzy ||= algorithm !== undefined
  }
  return { name, lazy, fuzzy }
}

function parseModifiers(list: Arguments | undefined): Pick<FetchRequest, 'changedSince' | 'vanished' | 'partial'> {
  let changedSince: number | undefined
  let vanished = false
  let partial: PartialRange | undefined
  while (list !== undefined && !list.atEnd) {
    const modifier = list.keyword('FETCH modifier')
    if (modifier === 'CHANGEDSINCE') changedSince = modseqOf(list.keyword('CHANGEDSINCE modseq'))
    else if (modifier === 'VANISHED') vanished = true
    else if (modifier === 'PARTIAL') partial = parsePartialRange(list.keyword('PARTIAL range'))
    else throw new BadCommand('Unknown FETCH modifier')
  }
  if (vanished && changedSince === undefined) throw new BadCommand('VANISHED needs CHANGEDSINCE')
  return { changedSince, vanished, partial }
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
