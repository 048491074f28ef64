/**
 * The tokens of a text from its right end to its left, a stretch at a time.
 *
 * Tokens can only be told apart from left to right. So the text is gone through once to find the commas between tokens.
 * Each stretch between two of them is taken apart when its turn comes. Of a list of a million addresses only one is in
 * memory as tokens.
 */
import { endOfToken, skipBlanks, type Token, tokenise } from './token.ts'

export class TokensFromRight {
  readonly #text: string
  readonly #start: number
  /** A bit for each byte of the text: whether it is a comma between tokens. A list of the places would be larger than the text. */
  readonly #commas: Uint8Array
  #end: number
  /** Tokens of the stretch under way, in reading order. */
  #tokens: Token[] = []

  private constructor(text: string, start: number, commas: Uint8Array) {
    this.#text = text
    this.#start = start
    this.#commas = commas
    this.#end = text.length
  }

  /** The tokens of `text` from `start` on; undefined if it cannot be taken apart. */
  static of(text: string, start: number): TokensFromRight | undefined {
    const commas = new Uint8Array((text.length >> 3) + 1)
    for (let at = skipBlanks(text, start); at < text.length; at = skipBlanks(text, at)) {
      if (text[at] === ',') setBit(commas, at)
      at = endOfToken(text, at)
      if (at < 0) return undefined
    }
    return new TokensFromRight(text, start, commas)
  }

  /** The next token to the left, which stays the next one. */
  peek(): Token | undefined {
    while (this.#tokens.length === 0) {
      if (this.#end <= this.#start) return undefined
      const start = Math.max(lastBitBefore(this.#commas, this.#end), this.#start)
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

function setBit(bits: Uint8Array, at: number): void {
  const byte = at >> 3
  bits[byte] = (bits[byte] as number) | (1 << (at & 7))
}

/** Where the last bit before `end` is set; -1 if there is none. */
function lastBitBefore(bits: Uint8Array, end: number): number {
  let at = end - 1
  while (at >= 0 && ((bits[at >> 3] as number) & (1 << (at & 7))) === 0) at -= bits[at >> 3] === 0 ? (at & 7) + 1 : 1
  return at
}
