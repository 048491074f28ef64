/**
 * The words of structured fields: atoms, quoted strings, comments, domains (RFC 5322 §3.2, RFC 2045 §5.1).
 *
 * It reads what others read, not what the grammar allows: nothing is refused as a whole, and bytes above 127 are
 * letters. Each function takes what it can and the white space after it, and says whether it could.
 */

const atoms = new Uint8Array(256)
const tokens = new Uint8Array(256)
for (let byte = 33; byte < 256; byte += 1) {
  if (byte === 127 || '()<>[]:;@\\,."'.includes(String.fromCharCode(byte))) continue
  atoms[byte] = 1
  tokens[byte] = '/?='.includes(String.fromCharCode(byte)) ? 0 : 1
}
tokens[46] = 1

/** A field's value, read from the left. Values hold a character a byte. */
export class Lexer {
  readonly #text: string
  at = 0
  /** The comment that was read last, without its parentheses and backslashes. */
  lastComment = ''
  /** What a word function has read; and of how many words a phrase was. */
  word = ''
  words = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The byte that comes; NaN at the end. */
  get next(): number {
    return this.#text.charCodeAt(this.at)
  }

  get atEnd(): boolean {
    return this.at >= this.#text.length
  }

  /** Whether this character comes. */
  is(character: string): boolean {
    return this.#text[this.at] === character
  }

  /** Takes this character and the white space after it, if it comes. */
  take(character: string): boolean {
    if (!this.is(character)) return false
    this.at += 1
    this.skip()
    return true
  }

  /** An atom's character comes. */
  get isAtom(): boolean {
    return atoms[this.next] === 1
  }

  /** White space and comments; false if a comment does not end: all is taken then. */
  skip(): boolean {
    for (; !this.atEnd; this.at += 1) {
      const byte = this.next
      if (byte === 40) {
        if (!this.#comment()) return false
        this.at -= 1
      } else if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return true
    }
    return true
  }

  /** A token of MIME with dots, which may be empty. */
  token(): boolean {
    return this.#run(tokens)
  }

  /** An atom of one character at least. */
  atom(): boolean {
    return this.isAtom && this.#run(atoms)
  }

  /** Atoms and dots as they stand, perhaps none. */
  atomsAndDots(): boolean {
    const start = this.at
    while (this.isAtom || this.is('.')) this.at += 1
    this.word = this.#text.slice(start, this.at)
    return this.skip()
  }

  /** Up to a blank or a semicolon. */
  untilBlank(): boolean {
    const start = this.at
    while (!this.atEnd && !'; \t\r\n'.includes(this.#text[this.at] as string)) this.at += 1
    this.word = this.#text.slice(start, this.at)
    return this.skip()
  }

  /** A quoted string without its quotes and line ends; false if it does not end: all is taken then. */
  quotedString(): boolean {
    const ended = this.#until('"', undefined)
    return this.skip() && ended
  }

  /** Atoms or quoted strings and dots, with white space around them; dots may stand anywhere. */
  localPart(): boolean {
    const words: string[] = []
    for (;;) {
      while (this.take('.')) words.push('.')
      const isWord = this.is('"') || this.isAtom
      if (isWord && !(this.is('"') ? this.quotedString() : this.atom())) return false
      if (isWord) words.push(this.word)
      if (!this.is('.')) break
    }
    this.word = words.join('')
    return words.length > 0
  }

  /** A domain after `@`, which comes: atoms between dots, or an address in brackets, kept as it is. */
  domain(): boolean {
    this.at += 1
    this.skip()
    if (this.is('[')) return this.#bracketed()
    let whole = ''
    do {
      if (!this.atom()) return false
      whole += whole === '' ? this.word : `.${this.word}`
    } while (this.take('.'))
    this.word = whole
    return true
  }

  /** Words side by side, with a blank between them; perhaps none. `words` is how many. */
  phrase(): boolean {
    const words: string[] = []
    this.words = 0
    if (this.is('.')) return false
    do {
      if (!(this.is('"') ? this.quotedString() : this.atomsAndDots())) return false
      words.push(this.word)
    } while (this.isAtom || this.is('"') || this.is('.'))
    this.word = words.join(' ')
    this.words = words.length
    return true
  }

  #run(table: Uint8Array): boolean {
    const start = this.at
    while (table[this.next] === 1) this.at += 1
    this.word = this.#text.slice(start, this.at)
    return this.skip()
  }

  #comment(): boolean {
    const kept = this.word
    const ended = this.#until(')', '(')
    this.lastComment = ended ? this.word : ''
    this.word = kept
    return ended
  }

  /** What stands up to an end, after one character; backslashes and line ends are left out. */
  #until(end: string, nests: string | undefined): boolean {
    const parts: string[] = []
    let depth = 1
    let from = this.at + 1
    for (this.at += 1; !this.atEnd; this.at += 1) {
      const character = this.#text[this.at]
      if (character === end) depth -= 1
      else if (character === nests) depth += 1
      if (depth === 0) {
        parts.push(this.#text.slice(from, this.at))
        this.word = parts.join('')
        this.at += 1
        return true
      }
      if (character !== '\\' && character !== '\r' && character !== '\n') continue
      parts.push(this.#text.slice(from, this.at))
      if (character === '\\') this.at += 1
      from = character === '\\' ? this.at : this.at + 1
    }
    parts.push(this.#text.slice(from))
    this.word = parts.join('')
    return false
  }

  #bracketed(): boolean {
    const end = this.#text.indexOf(']', this.at)
    if (end < 0) return false
    this.word = this.#text.slice(this.at, end + 1).replaceAll(/[\r\n]/g, '')
    this.at = end + 1
    return this.skip()
  }
}
