/** The keys of SEARCH, SORT and THREAD (RFC 9051 §6.4.4, RFC 5032, RFC 7162 §3.1.5). */
import { TextDecoder } from 'node:util'
import { imapSearchKeys } from '@yabumi/limits'
import { type Arguments, highestNumber, modseqOf } from './arguments.ts'
import { BadCommand, RefusedCommand } from './bad.ts'
import { parseDate } from './dates.ts'
import { looksLikeSet, parseSequenceSet, type SequenceSet } from './sequenceset.ts'

/** What a message must be. Texts are decoded. Dates are days since 1970. */
export type SearchKey =
  | { readonly key: 'all' | 'recent' | 'saveDateSupported' }
  | { readonly key: 'and' | 'or'; readonly keys: readonly SearchKey[] }
  | { readonly key: 'not'; readonly of: SearchKey }
  | { readonly key: 'flag' | 'keyword'; readonly name: string }
  | { readonly key: 'numbers' | 'uids'; readonly set: SequenceSet }
  /** `text` occurs in a field of that name; with an empty text, there is such a field. */
  | { readonly key: 'header'; readonly name: string; readonly text: string }
  | { readonly key: 'body' | 'text'; readonly text: string }
  | {
      readonly key: 'date'
      readonly of: 'internal' | 'sent' | 'saved'
      readonly how: 'before' | 'on' | 'since'
      readonly day: number
    }
  | { readonly key: 'younger' | 'older'; readonly seconds: number }
  | { readonly key: 'larger' | 'smaller'; readonly sizeBytes: number }
  | { readonly key: 'modseq'; readonly modseq: number }
  | { readonly key: 'emailId' | 'threadId'; readonly id: string }

const flags = new Map([
  ['ANSWERED', '\\Answered'],
  ['DELETED', '\\Deleted'],
  ['DRAFT', '\\Draft'],
  ['FLAGGED', '\\Flagged'],
  ['SEEN', '\\Seen'],
])
const headers = new Set(['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'])
const dates = /^(SENT|SAVED|)(BEFORE|ON|SINCE)$/
const dateKinds = { '': 'internal', SENT: 'sent', SAVED: 'saved' } as const
const not = (of: SearchKey): SearchKey => ({ key: 'not', of })
const recent: SearchKey = { key: 'recent' }
const seen: SearchKey = { key: 'flag', name: '\\Seen' }

/**
 * `CHARSET name`, where it comes, and all keys that are left.
 *
 * @throws BadCommand
 * @throws RefusedCommand - with BADCHARSET
 */
export function parseSearchProgram(args: Arguments): SearchKey {
  return new Program(args.takeKeyword('CHARSET') ? args.astring('charset argument') : undefined).all(args)
}

/** All keys that are left, with the charset that SORT and THREAD name before them. @throws BadCommand, RefusedCommand */
export function parseSearchKeys(args: Arguments, charset: string): SearchKey {
  return new Program(charset).all(args)
}

class Program {
  readonly #decoder: TextDecoder
  #left = imapSearchKeys

  constructor(charset: string | undefined) {
    try {
      this.#decoder = new TextDecoder(charset ?? 'utf-8', { fatal: true })
    } catch {
      throw new RefusedCommand('Unknown charset', 'BADCHARSET (US-ASCII UTF-8)')
    }
  }

  all(args: Arguments): SearchKey {
    if (args.atEnd) throw new BadCommand('Missing search parameters')
    const keys: SearchKey[] = []
    while (!args.atEnd) keys.push(this.#one(args))
    return keys.length === 1 ? (keys[0] as SearchKey) : { key: 'and', keys }
  }

  #one(args: Arguments): SearchKey {
    this.#left -= 1
    if (this.#left < 0) throw new BadCommand('Too many search keys')
    if (args.atEnd) throw new BadCommand('Missing argument')
    const list = args.takeList()
    if (list !== undefined) return this.all(list)
    const name = args.keyword('search key')
    if (looksLikeSet(name)) return { key: 'numbers', set: parseSequenceSet(name) }
    if (headers.has(name)) return { key: 'header', name, text: this.#text(args) }
    const flag = flags.get(name.replace(/^UN/, ''))
    if (flag !== undefined) return name.startsWith('UN') ? not({ key: 'flag', name: flag }) : { key: 'flag', name: flag }
    const [, kind, how] = dates.exec(name) ?? []
    if (kind !== undefined && how !== undefined) {
      const of = dateKinds[kind as keyof typeof dateKinds]
      return { key: 'date', of, how: how.toLowerCase() as 'before' | 'on' | 'since', day: parseDate(args.astring('date')) }
    }
    return this.#other(name, args)
  }

  #other(name: string, args: Arguments): SearchKey {
    switch (name) {
      case 'ALL':
        return { key: 'all' }
      case 'NOT':
        return not(this.#one(args))
      case 'OR':
        return { key: 'or', keys: [this.#one(args), this.#one(args)] }
      case 'RECENT':
        return recent
      case 'OLD':
        return not(recent)
      case 'NEW':
        return { key: 'and', keys: [recent, not(seen)] }
      case 'KEYWORD':
        return { key: 'keyword', name: args.astring('keyword') }
      case 'UNKEYWORD':
        return not({ key: 'keyword', name: args.astring('keyword') })
      case 'UID':
        return { key: 'uids', set: parseSequenceSet(args.keyword('UID set')) }
      case 'HEADER':
        return { key: 'header', name: args.astring('field name').toUpperCase(), text: this.#text(args) }
      case 'BODY':
      case 'TEXT':
        return { key: name === 'BODY' ? 'body' : 'text', text: this.#text(args) }
      case 'YOUNGER':
      case 'OLDER':
        return { key: name === 'OLDER' ? 'older' : 'younger', seconds: interval(args) }
      case 'LARGER':
      case 'SMALLER':
        return { key: name === 'LARGER' ? 'larger' : 'smaller', sizeBytes: args.number('size', Number.MAX_SAFE_INTEGER) }
      case 'MODSEQ':
        return modseqKey(args)
      case 'SAVEDATESUPPORTED':
        return { key: 'saveDateSupported' }
      case 'EMAILID':
      case 'THREADID':
        return { key: name === 'EMAILID' ? 'emailId' : 'threadId', id: args.astring('id') }
      default:
        throw new BadCommand(`Unknown argument ${name}`)
    }
  }

  #text(args: Arguments): string {
    try {
      return this.#decoder.decode(Buffer.from(args.astring('search key'), 'latin1'))
    } catch (error) {
      throw error instanceof BadCommand ? error : new BadCommand('Invalid search key')
    }
  }
}

function interval(args: Arguments): number {
  const seconds = args.number('interval', highestNumber)
  if (seconds === 0) throw new BadCommand('Invalid interval')
  return seconds
}

/** `MODSEQ "/flags/\\Draft" all 620`, or without the entry, which changes nothing here (RFC 7162 §3.1.5). */
function modseqKey(args: Arguments): SearchKey {
  const first = args.astring('mod-sequence')
  if (/^\d/.test(first)) return { key: 'modseq', modseq: modseqOf(first) }
  if (!['PRIV', 'SHARED', 'ALL'].includes(args.keyword('entry type'))) throw new BadCommand('Invalid entry type')
  return { key: 'modseq', modseq: modseqOf(args.keyword('mod-sequence')) }
}
