/**
 * Write tokens as a field: where spaces go, what a backslash escapes, where lines are folded (spec §4.8, emission).
 *
 * A field is made of pieces, each of which ends with a comma, all but the last. Only after a comma may a line be
 * broken, so a piece is written as soon as it is complete. A list of a million addresses is no longer in memory than it
 * is.
 */
import { PiecesFromRight } from './piecesfromright.ts'
import { type Token, unfolded } from './token.ts'

/** Longest line, in bytes with its comma, that is filled with a further piece. */
const lineBytes = 78
const backslash = 0x5c
/** So many pieces make a part. */
const partPieces = 1_000

/** The body of a field, put together from its right end leftwards, as address lists are read. */
export class FieldBody {
  /** The piece under way, its rightmost token first. */
  #piece: Token[] = []
  readonly #pieces = new PiecesFromRight()

  /** Put a token to the left of all others. */
  putLeft(token: Token): void {
    if (token.kind === ',') this.#finishPiece()
    this.#piece.push(token)
  }

  /** The field, with this body and its line end, in parts of bounded size. @throws Trouble 5.3.4 if it is too long */
  field(name: string): Generator<string, void> {
    this.#finishPiece()
    return fold(name, this.#pieces.fromLeft())
  }

  #finishPiece(): void {
    this.#pieces.putLeft(write(this.#piece.reverse()))
    this.#piece = []
  }
}

/** A field of these tokens, with its line end. */
export function emitField(name: string, tokens: readonly Token[]): string {
  const body = new FieldBody()
  for (const token of tokens.toReversed()) body.putLeft(token)
  return [...body.field(name)].join('')
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

function escaped(word: string): string {
  const text = unfolded(word) // a line end would begin a field of its own
  const special = /["[\]()\\]/
  if (!special.test(text)) return text
  const bytes = Buffer.allocUnsafe(2 * text.length) // a replace() would take twenty times the memory of a long text
  let length = 0
  for (let i = 0; i < text.length; i += 1) {
    if (special.test(text[i] as string)) bytes[length++] = backslash
    bytes[length++] = text.charCodeAt(i)
  }
  return bytes.toString('latin1', 0, length)
}

function* fold(name: string, pieces: Iterable<string>): Generator<string, void> {
  let parts = [name, ':']
  let length = name.length + 1
  let first = true
  for (const piece of pieces) {
    if (!first && length + piece.length > lineBytes) {
      parts.push('\n ')
      length = 1
    }
    parts.push(piece)
    length += piece.length
    first = false
    if (parts.length > partPieces) {
      yield parts.join('')
      parts = []
    }
  }
  parts.push('\n')
  yield parts.join('')
}
