/**
 * The tokens of a text from its right end to its left, a stretch at a time.
 *
 * Tokens can only be told apart from left to right. So the text is gone through once to find the commas between tokens,
 * and each stretch between two of them is taken apart when its turn comes: of a list of a million addresses only one is
 * in memory as tokens.
 */
import { endOfToken, skipBlanks, type Token, tokenise } from './token.ts'

export class TokensFromRight {
  readonly #text: string
  /** Where stretches start: at the start of the text and at each comma. Those still to come. */
  readonly #starts: number[]
  #end: number
  /** Tokens of the stretch under way, in reading order. */
  #tokens: Token[] = []

  private constructor(text: string, starts: number[]) {
    this.#text = text
    this.#starts = starts
    this.#end = text.length
  }

  /** The tokens of `text` from `start` on; undefined if it cannot be taken apart. */
  static of(text: string, start: number): TokensFromRight | undefined {
    const starts = [start]
    for (let at = skipBlanks(text, start); at < text.length; at = skipBlanks(text, at)) {
      if (text[at] === ',') starts.push(at)
      at = endOfToken(text, at)
      if (at < 0) return undefined
    }
    return new TokensFromRight(text, starts)
  }

  /** The next token to the left, which stays the next one. */
  peek(): Token | undefined {
    while (this.#tokens.length === 0) {
      const start = this.#starts.pop()
      if (start === undefined) return undefined
      this.#tokens = tokenise(this.#text.slice(start, this.#end)) ?? []
      this.#end = start
    }
    return this.#tokens.at(-1)
  }

  /** Take the next token to the left; undefined when there is none. */
  next(): Token | undefined {
    this.peek()
    return this.#tokens.pop()
  }
}
