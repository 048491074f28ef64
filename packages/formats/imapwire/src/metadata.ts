/** The arguments of GETMETADATA and SETMETADATA (RFC 5464 §4.2, §4.3). */
import { Arguments, highestNumber, keywordOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import type { Token } from './token.ts'

/** An empty mailbox is the server. Entries are in lower case. */
export interface GetMetadata {
  readonly mailbox: string
  readonly entries: readonly string[]
  readonly maxSize: number | undefined
  readonly depth: 0 | 1 | 'infinity'
}

export interface SetMetadata {
  readonly mailbox: string
  /** A value of undefined removes the entry; others hold a character a byte. */
  readonly entries: readonly { readonly name: string; readonly value: string | undefined }[]
}

/** Options stand before the mailbox, or behind it as some clients have them. @throws BadCommand */
export function parseGetMetadata(tokens: readonly Token[]): GetMetadata {
  const args = new Arguments(tokens)
  let options = args.takeList()
  const mailbox = args.astring('mailbox name')
  let list = args.takeList()
  if (list !== undefined && !args.atEnd && options === undefined) {
    options = list
    list = args.takeList()
  }
  const entries: string[] = []
  if (list === undefined) entries.push(entryName(args))
  else while (!list.atEnd) entries.push(entryName(list))
  args.end()
  if (entries.length === 0) throw new BadCommand('Missing entry')
  return { mailbox, entries, ...parseOptions(options) }
}

/** @throws BadCommand */
export function parseSetMetadata(tokens: readonly Token[]): SetMetadata {
  const args = new Arguments(tokens)
  const mailbox = args.astring('mailbox name')
  const list = args.list('entries')
  args.end()
  const entries: { name: string; value: string | undefined }[] = []
  while (!list.atEnd) entries.push({ name: entryName(list), value: entryValue(list) })
  if (entries.length === 0) throw new BadCommand('Missing entry')
  return { mailbox, entries }
}

/** The name of an entry, in lower case. @throws BadCommand */
export function entryName(args: Arguments): string {
  const name = args.astring('entry name').toLowerCase()
  if (!/^\/(private|shared)(\/|$)/.test(name)) throw new BadCommand('Entry name must begin with /private or /shared')
  if (/[*%\x00-\x1f\x7f-\xff]|\/\/|.\/$/.test(name)) throw new BadCommand('Invalid entry name')
  return name
}

/** NIL, or any bytes: a binary literal may hold NUL. */
function entryValue(args: Arguments): string | undefined {
  const token = args.peek()
  if (token?.type !== 'literal') return args.nstring('entry value')
  args.take()
  return token.text
}

function parseOptions(list: Arguments | undefined): Pick<GetMetadata, 'maxSize' | 'depth'> {
  let maxSize: number | undefined
  let depth: GetMetadata['depth'] = 0
  while (list !== undefined && !list.atEnd) {
    const option = list.keyword('GETMETADATA option')
    if (option === 'MAXSIZE') maxSize = list.number('MAXSIZE', highestNumber)
    else if (option === 'DEPTH') depth = depthOf(keywordOf(list.take()))
    else throw new BadCommand('Unknown GETMETADATA option')
  }
  return { maxSize, depth }
}

function depthOf(text: string | undefined): GetMetadata['depth'] {
  if (text === '0' || text === '1') return text === '0' ? 0 : 1
  if (text !== 'INFINITY') throw new BadCommand('Invalid DEPTH')
  return 'infinity'
}
