/**
 * Write tokens as a field: where spaces go, what a backslash escapes, where lines are folded (spec §4.8, emission).
 *
 * A field is made of pieces, each of which ends with a comma, all but the last. Only after a comma may a line be broken,
 * so a piece is a string as soon as it is complete, and a list of a million addresses is one join.
 */
import type { Token } from './token.ts'

/** Longest line, in bytes with its comma, that is filled with a further piece. */
const lineBytes = 78

/** The body of a field, put together from its right end leftwards, as address lists are read. */
export class FieldBody {
  /** The piece under way, its rightmost token first. */
  #piece: Token[] = []
  readonly #pieces: string[] = []

  /** Put a token to the left of all others. */
  putLeft(token: Token): void {
    if (token.kind === ',') this.#finishPiece()
    this.#piece.push(token)
  }

  /** The field, with this body and its line end. */
  field(name: string): string {
    this.#finishPiece()
    return fold(name, this.#pieces.reverse())
  }

  #finishPiece(): void {
    this.#pieces.push(write(this.#piece.reverse()))
    this.#piece = []
  }
}

/** A field of these tokens, with its line end. */
export function emitField(name: string, tokens: readonly Token[]): string {
  const body = new FieldBody()
  for (const token of tokens.toReversed()) body.putLeft(token)
  return body.field(name)
}

function write(piece: readonly Token[]): string {
  const parts: string[] = []
  let before: Token | undefined
  for (const token of piece) {
    if (before === undefined || needsSpace(before, token)) parts.push(' ')
    parts.push(written(token))
    before = token
  }
  return parts.join('')
}

/** Behind a colon or a comma, before `<`, and between two words. A piece begins behind a colon or a comma. */
function needsSpace(left: Token, right: Token): boolean {
  return left.kind === ':' || right.kind === '<' || (isWord(left) && isWord(right))
}

function isWord(token: Token): boolean {
  return token.kind.length > 1
}

function written(token: Token): string {
  switch (token.kind) {
    case 'atom':
      return escaped(token.text)
    case 'quoted':
      return `"${escaped(token.text)}"`
    case 'literal':
      return `[${escaped(token.text)}]`
    case 'comment':
      return `(${escaped(token.text)})`
    default:
      return token.text
  }
}

function escaped(text: string): string {
  return text.replace(/["[\]()\\\r\n]/g, '\\$&')
}

function fold(name: string, pieces: readonly string[]): string {
  const parts = [name, ':', pieces[0] as string]
  let length = name.length + 1 + (pieces[0] as string).length
  for (const piece of pieces.slice(1)) {
    if (length + piece.length > lineBytes) {
      parts.push('\n ')
      length = 1
    }
    parts.push(piece)
    length += piece.length
  }
  parts.push('\n')
  return parts.join('')
}
