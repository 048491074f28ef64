/**
 * The tokens that addresses are made of (spec §4.6), as qmail reads RFC 822.
 *
 * Byte strings in and out. Nothing here recurses: a comment may be nested a million deep.
 */

import { addressTokens } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'

/** A character that is a token by itself. */
export type Mark = '.' | ',' | '@' | '<' | '>' | ':' | ';'

/** `text` of a word has neither its delimiters nor its backslashes; `text` of a mark is the mark. */
export interface Token {
  readonly kind: Mark | 'atom' | 'quoted' | 'literal' | 'comment'
  readonly text: string
}

const marks: ReadonlyMap<string, Token> = new Map([...'.,@<>:;'].map((mark) => [mark, { kind: mark as Mark, text: mark }]))

/** The token of a mark. */
export function mark(kind: Mark): Token {
  return marks.get(kind) as Token
}

const backslash = 0x5c
const space = 0x20
const open = 0x28
const close = 0x29
const isNothing = byteTable('')
const isParenthesis = byteTable('()')
const isBlank = byteTable(' \t\r\n')
const isMark = byteTable('.,@<>:;')
const endsAtom = byteTable(' \t\r\n(["<>;:@,.')

/** The first byte at or after `at` that is not white space between tokens. */
export function skipBlanks(text: string, at: number): number {
  let i = at
  while (i < text.length && isBlank[text.charCodeAt(i)] === 1) i += 1
  return i
}

/** Where the token ends that starts at `start`, which is no blank; -1 if no token can start there or it does not end. */
export function endOfToken(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (isMark[first] === 1) return start + 1
  switch (text[start]) {
    case '(':
      return endOfComment(text, start)
    case '"':
      return endOfDelimited(text, start, 0x22)
    case '[':
      return endOfDelimited(text, start, 0x5d)
    case ')':
    case ']':
      return -1
    default:
      return endOfAtom(text, start)
  }
}

/**
 * All tokens of a text; undefined if it cannot be taken apart.
 *
 * @throws Trouble 5.3.4 if they are more than any address has: each takes a hundred times the memory of its byte
 */
export function tokenise(text: string): Token[] | undefined {
  const tokens: Token[] = []
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const end = endOfToken(text, at)
    if (end < 0) return undefined
    tokens.push(tokenAt(text, at, end))
    if (tokens.length > addressTokens) {
      throw new Trouble('5.3.4', `header field has more than ${addressTokens} words without a comma (#5.3.4)`)
    }
    at = end
  }
  return tokens
}

/** The words of an address without quoting, without comments: what stands in envelopes. It ends at a NUL, as in C. */
export function addressText(address: readonly Token[]): string {
  const text = address.map((token) => (token.kind === 'comment' ? '' : token.kind === 'literal' ? `[${token.text}]` : token.text)).join('')
  const nul = text.indexOf('\0')
  return nul < 0 ? text : text.slice(0, nul)
}

function tokenAt(text: string, start: number, end: number): Token {
  const first = text[start] as string
  const inside = (): string => unfolded(text.slice(start + 1, end - 1))
  switch (first) {
    case '(':
      // inner parentheses go, unless a backslash keeps them
      return { kind: 'comment', text: unescaped(inside(), isParenthesis) }
    case '"':
      return { kind: 'quoted', text: unescaped(inside()) }
    case '[':
      return { kind: 'literal', text: unescaped(inside()) }
    default:
      return marks.get(first) ?? word(unescaped(text.slice(start, end)))
  }
}

/** In one line: a line end inside a word, with the blanks behind it, is a blank (RFC 5322 §2.2.3). */
export function unfolded(text: string): string {
  if (!/[\r\n]/.test(text)) return text
  const bytes = Buffer.allocUnsafe(text.length) // a replace() would take twenty times the memory of a long text
  let length = 0
  for (let at = 0; at < text.length; ) {
    const isEnd = text[at] === '\n' || text[at] === '\r'
    bytes[length++] = isEnd ? space : text.charCodeAt(at)
    at = isEnd ? skipBlanks(text, at) : at + 1
  }
  return bytes.toString('latin1', 0, length)
}

/** An atom; a quoted string if it holds what no atom may hold. */
function word(text: string): Token {
  return { kind: /[^ -~]|[)\]\\]/.test(text) ? 'quoted' : 'atom', text }
}

/** Without its backslashes, each of which keeps the byte behind it, and without the bytes of `dropped` that none keeps. */
function unescaped(text: string, dropped: Uint8Array = isNothing): string {
  if (!/[\\()]/.test(text)) return text
  const bytes = Buffer.allocUnsafe(text.length) // a replace() would take twenty times the memory of a long text
  let length = 0
  for (let i = 0; i < text.length; i += 1) {
    let code = text.charCodeAt(i)
    if (code === backslash) {
      i += 1
      if (i === text.length) break
      code = text.charCodeAt(i)
    } else if (dropped[code] === 1) continue
    bytes[length++] = code
  }
  return bytes.toString('latin1', 0, length)
}

function endOfAtom(text: string, start: number): number {
  let i = start
  do i += text.charCodeAt(i) === backslash ? 2 : 1
  while (i < text.length && endsAtom[text.charCodeAt(i)] !== 1)
  return Math.min(i, text.length)
}

function endOfDelimited(text: string, start: number, last: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === last) return i + 1
    if (code === backslash) i += 1
  }
  return -1
}

function endOfComment(text: string, start: number): number {
  let level = 0
  for (let i = start; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === open) level += 1
    else if (code === close) level -= 1
    else if (code === backslash) i += 1
    if (level === 0) return i + 1
  }
  return -1
}

function byteTable(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
