/** The words of a structured field: blanks and comments between them do not count (RFC 5322 §3.2.2, RFC 8601 §2.2). */

const blank = /[ \t\r\n]/

export class Scanner {
  readonly #text: string
  #at = 0

  /** @param text - a byte string */
  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.#text[this.#at] ?? ''
  }

  /** Pass blanks and comments, however deep. */
  skipBlanks(): void {
    for (let depth = 0; this.#at < this.#text.length; this.#at += 1) {
      const character = this.next
      if (character === '(') depth += 1
      else if (depth === 0 && !blank.test(character)) return
      else if (character === ')' && depth > 0) depth -= 1
      else if (character === '\\' && depth > 0) this.#at += 1
    }
  }

  /** Take the character, if it is the next one. */
  take(character: string): boolean {
    if (this.next !== character) return false
    this.#at += 1
    return true
  }

  /** A quoted string without its quotes, or what stands up to a blank, a comment or one of these. */
  word(ends: string): string {
    if (this.next === '"') return this.#quoted()
    const start = this.#at
    while (this.#at < this.#text.length && !blank.test(this.next) && this.next !== '(' && !ends.includes(this.next)) this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #quoted(): string {
    let text = ''
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.next
      if (character === '"') {
        this.#at += 1
        break
      }
      if (character === '\\') this.#at += 1
      text += this.next
    }
    return text
  }

  /** Go on at this character, which may stand in no comment and no quoted string, or to the end. */
  skipTo(character: string): void {
    for (this.skipBlanks(); !this.isAtEnd && this.next !== character; this.skipBlanks()) {
      if (this.next === '"') this.#quoted()
      else this.#at += 1
    }
  }

  /** What has not been read yet, as it stands. */
  get rest(): string {
    return this.#text.slice(this.#at)
  }
}
