/** What the fields of MIME say: Content-Type, Content-Disposition and the others (RFC 2045, RFC 2183, RFC 2231). */
import { mimePieces } from '@yabumi/limits'
import { Lexer } from './lexer.ts'

/** Names in the sender's spelling. One that was continued or encoded ends with `*`, and its value is as it was (RFC 2231). */
export type Parameters = readonly (readonly [name: string, value: string])[]

export interface ContentType {
  readonly type: string
  readonly subtype: string
  readonly parameters: Parameters
}

/** A broken type has empty words. One without a slash has no subtype. */
export function parseContentType(value: string): ContentType {
  const lexer = new Lexer(value)
  if (!lexer.skip() || !lexer.token() || lexer.word === '') return noType
  const type = lexer.word
  if (lexer.atEnd) return { ...noType, type }
  if (!lexer.take('/') || !lexer.token() || lexer.word === '' || !(lexer.atEnd || lexer.is(';'))) return noType
  return { type, subtype: lexer.word, parameters: parseParameters(lexer) }
}

const noType: ContentType = { type: '', subtype: '', parameters: [] }

/** Undefined for what is no disposition at all. */
export function parseDisposition(value: string): { readonly name: string; readonly parameters: Parameters } | undefined {
  const lexer = new Lexer(value)
  if (!lexer.skip() || !lexer.token()) return undefined
  const name = lexer.word
  return { name, parameters: parseParameters(lexer) }
}

/** The encoding's word; undefined if there is none or something follows it. */
export function parseTransferEncoding(value: string): string | undefined {
  const lexer = new Lexer(value)
  if (!lexer.skip() || !lexer.token() || !lexer.atEnd || lexer.word === '') return undefined
  return lexer.word
}

/** The word that a value begins with, perhaps none. */
export function firstToken(value: string): string {
  const lexer = new Lexer(value)
  lexer.skip()
  lexer.token()
  return lexer.word
}

/** Tags between commas. */
export function parseLanguages(value: string): string[] {
  const lexer = new Lexer(value)
  const tags: string[] = []
  if (!lexer.skip()) return tags
  do {
    if (!lexer.atom()) break
    tags.push(lexer.word)
  } while (lexer.take(','))
  return tags
}

interface Piece {
  readonly name: string
  readonly index: number
  readonly isEncoded: boolean
  readonly value: string
}

function parseParameters(lexer: Lexer): Parameters {
  const plain: (readonly [string, string])[] = []
  const pieces: Piece[] = []
  while (!lexer.atEnd) {
    const parameter = parseParameter(lexer)
    if (parameter === undefined) {
      lexer.at += 1
      while (!lexer.atEnd && !lexer.is(';')) lexer.at += 1
      continue
    }
    const piece = pieceOf(...parameter)
    if (piece === undefined) plain.push(parameter)
    else if (pieces.length < mimePieces) pieces.push(piece)
  }
  return pieces.length === 0 ? plain : [...plain, ...joined(pieces)]
}

/** `;name=value`; undefined for any other thing, of which something is taken. */
function parseParameter(lexer: Lexer): readonly [string, string] | undefined {
  if (!lexer.take(';') || !lexer.token()) return undefined
  const name = lexer.word
  if (name === '' || !lexer.take('=') || lexer.atEnd) return undefined
  const read = lexer.is('"') ? lexer.quotedString() : lexer.is('=') ? lexer.untilBlank() : lexer.token()
  return read ? [name, lexer.word] : undefined
}

function pieceOf(name: string, value: string): Piece | undefined {
  const [, base, index, isEncoded] = /^([^*]+)\*(\d{0,9})(\*?)$/.exec(name) ?? []
  if (base === undefined) return undefined
  return { name: base, index: Number(index), isEncoded: isEncoded === '*' || index === '', value }
}

/** Pieces of one name become one value, as far as their numbers go on without a gap. */
function joined(pieces: readonly Piece[]): (readonly [string, string])[] {
  const byName = new Map<string, Piece[]>()
  for (const piece of pieces) {
    const key = piece.name.toLowerCase()
    byName.set(key, [...(byName.get(key) ?? []), piece])
  }
  const whole: (readonly [string, string])[] = []
  for (const [first, ...others] of byName.values()) {
    const sorted = [first as Piece, ...others].sort((a, b) => a.index - b.index)
    const used = sorted.filter(({ index }, at) => index === at)
    if (used.length === 0) continue
    const isEncoded = used.some((piece) => piece.isEncoded)
    const value = used.map((piece) => (isEncoded && !piece.isEncoded ? escaped(piece.value) : piece.value)).join('')
    whole.push([`${(first as Piece).name}${isEncoded ? '*' : ''}`, value])
  }
  return whole
}

function escaped(value: string): string {
  return value.replaceAll(/[^\w!#$&+.^`{|}~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
