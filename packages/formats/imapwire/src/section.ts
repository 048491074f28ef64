/** Which bytes of a message FETCH asks for: `BODY[1.2.HEADER.FIELDS (DATE)]<0.2048>` (RFC 9051 §6.4.5). */
import { type Arguments, keywordOf, numberOf } from './arguments.ts'
import { BadCommand } from './bad.ts'
import { writeAstring } from './write.ts'

/** The part, by its numbers; none for the message. And what of it: `''` is all. */
export interface Section {
  readonly part: readonly number[]
  readonly text: '' | 'HEADER' | 'TEXT' | 'MIME' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT'
  /** Names of HEADER.FIELDS, in upper case. */
  readonly fields: readonly string[]
}

/** `<offset.length>`: what of the bytes. */
export interface Partial {
  readonly offset: number
  readonly length: number
}

/** A section with its partial, and how answers name both: `[1]<0>`. */
export interface AskedSection {
  readonly section: Section
  readonly partial: Partial | undefined
  readonly label: string
}

const beginning = /^((?:\d+\.)*\d+)?(\.?)([A-Z.]*)(\]?)(.*)$/s

/**
 * What follows the bracket of an atom `BODY[…`; the words behind it are taken as far as they belong to it.
 *
 * @param text - of the atom, in upper case, behind `[`
 * @throws BadCommand
 */
export function parseSection(text: string, args: Arguments): AskedSection {
  const [, numbers = '', dot, what = '', bracket, behind = ''] = beginning.exec(text) ?? []
  if (dot === undefined || (dot === '.') !== (numbers !== '' && what !== '')) throw wrong()
  const part = numbers === '' ? [] : numbers.split('.').map(partNumber)
  const base = { part, text: sectionText(what, part) }
  const hasFields = base.text.startsWith('HEADER.FIELDS')
  if (hasFields === (bracket === ']') || (hasFields && behind !== '')) throw wrong()
  if (!hasFields) {
    const partial = parsePartial(behind)
    return { section: { ...base, fields: [] }, partial, label: `[${numbers}${dot}${what}]${originOf(partial)}` }
  }
  const fields = fieldNames(args)
  const end = keywordOf(args.take()) ?? ''
  if (!end.startsWith(']')) throw new BadCommand("Missing ']' of a section")
  const partial = parsePartial(end.slice(1))
  const list = fields.map(writeAstring).join(' ')
  return { section: { ...base, fields }, partial, label: `[${numbers}${dot}${what} (${list})]${originOf(partial)}` }
}

function wrong(): BadCommand {
  return new BadCommand('Invalid BODY[..] section')
}

function partNumber(text: string): number {
  const number = numberOf(text, 'BODY[..] section')
  if (number === 0) throw wrong()
  return number
}

function sectionText(text: string, part: readonly number[]): Section['text'] {
  switch (text) {
    case 'MIME':
      if (part.length === 0) throw wrong()
      return text
    case '':
    case 'HEADER':
    case 'TEXT':
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT':
      return text
    default:
      throw wrong()
  }
}

function fieldNames(args: Arguments): string[] {
  const list = args.list('section')
  const names: string[] = []
  while (!list.atEnd) names.push(list.astring('field name').toUpperCase())
  if (names.length === 0) throw wrong()
  return names
}

function parsePartial(text: string): Partial | undefined {
  if (text === '') return undefined
  const [, offset, length] = /^<(\d{1,16})(?:\.(\d{1,16}))?>$/.exec(text) ?? []
  if (offset === undefined) throw new BadCommand('Invalid partial')
  const most = Number.MAX_SAFE_INTEGER
  const partial = { offset: numberOf(offset, 'partial', most), length: length === undefined ? most : numberOf(length, 'partial', most) }
  if (partial.length === 0) throw new BadCommand('Invalid partial')
  return partial
}

function originOf(partial: Partial | undefined): string {
  return partial === undefined ? '' : `<${partial.offset}>`
}
