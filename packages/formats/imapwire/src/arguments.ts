/** A command's words, taken one after the other (RFC 9051 §9). Every wrong word is a BadCommand. */
import { BadCommand } from './bad.ts'
import type { Token } from './token.ts'

/** A word's text as an astring: any atom, quoted string or literal; undefined for a list or a message. */
export function textOf(token: Token | undefined): string | undefined {
  if (token === undefined || token.type === 'list' || token.type === 'streamed') return undefined
  return token.text
}

/** An atom in upper case; undefined for any other word. */
export function keywordOf(token: Token | undefined): string | undefined {
  return token?.type === 'atom' ? token.text.toUpperCase() : undefined
}

export class Arguments {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The word that comes, which is not taken. */
  peek(): Token | undefined {
    return this.#tokens[this.#at]
  }

  /** The next word; undefined at the end. */
  take(): Token | undefined {
    const token = this.#tokens[this.#at]
    this.#at += 1
    return token
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length
  }

  /** An atom, quoted string or literal, as bytes (latin1). @throws BadCommand - `Missing` or `Invalid` and what */
  astring(what: string): string {
    const token = this.take()
    const text = textOf(token)
    if (text === undefined) throw new BadCommand(`${token === undefined ? 'Missing' : 'Invalid'} ${what}`)
    if (text.includes('\0')) throw new BadCommand(`NUL in ${what}`)
    return text
  }

  /** The same, or undefined for NIL. */
  nstring(what: string): string | undefined {
    if (keywordOf(this.peek()) !== 'NIL') return this.astring(what)
    this.take()
    return undefined
  }

  /** An atom in upper case. */
  keyword(what: string): string {
    const token = this.take()
    const text = keywordOf(token)
    if (text === undefined) throw new BadCommand(`${token === undefined ? 'Missing' : 'Invalid'} ${what}`)
    return text
  }

  /** Takes the next word if it is this atom, which is in upper case. */
  takeKeyword(keyword: string): boolean {
    const found = keywordOf(this.peek()) === keyword
    if (found) this.take()
    return found
  }

  /** What stands in parentheses. */
  list(what: string): Arguments {
    const token = this.take()
    if (token?.type !== 'list') throw new BadCommand(`${token === undefined ? 'Missing' : 'Invalid'} ${what}`)
    return new Arguments(token.items)
  }

  /** The same if a list comes; undefined otherwise. */
  takeList(): Arguments | undefined {
    const token = this.peek()
    if (token?.type !== 'list') return undefined
    this.take()
    return new Arguments(token.items)
  }

  /** A whole number of digits, of 0 to `most`. */
  number(what: string, most: number): number {
    return numberOf(this.keyword(what), what, most)
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.atEnd) throw new BadCommand('Unexpected arguments')
  }
}

/** Highest number and UID (RFC 9051 §9). */
export const highestNumber = 4_294_967_295
/** Highest mod-sequence that a client may write (RFC 7162 §7). Ours stay below 2^53; higher ones are taken as that. */
const highestModseq = 9_223_372_036_854_775_807n

/** A text of digits as a number of 0 to `most`. @throws BadCommand */
export function numberOf(text: string, what: string, most: number = highestNumber): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= most)) throw new BadCommand(`Invalid ${what}`)
  return number
}

/** A mod-sequence of 0 to 2^63-1; what a number cannot hold is the highest safe one. @throws BadCommand */
export function modseqOf(text: string): number {
  if (!/^\d{1,19}$/.test(text) || BigInt(text) > highestModseq) throw new BadCommand('Invalid mod-sequence')
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}
