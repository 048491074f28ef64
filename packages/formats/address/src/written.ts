/**
 * Addresses as a person writes them in a dotfile, or as an argument: `a@y`, ` a@y`, `<a@y>`, `Joe <a@y>`, `a@y (Joe)`,
 * `"joe doe"@y`, several with commas.
 *
 * What is none of these is no address, rather than one that nobody has. Examples are a path or a program in the wrong
 * place, two words, and half an address.
 */
import { withoutRootDot } from './parts.ts'
import { behind, splitLine, unescaped } from './scan.ts'

/** The addresses of a forward line. @returns undefined if something in it is no address, or is not closed */
export function addressesIn(text: string): string[] | undefined {
  try {
    const entries = entriesIn(text)
    const addresses = entries.map(addressIn)
    const isReadable = addresses.every((address) => address) && !entries.some((entry, at) => isHalfAName(entry, entries[at + 1]))
    return isReadable && addresses.length > 0 ? (addresses as string[]) : undefined
  } catch {
    return undefined
  }
}

/** Each may have an `&` of its own. @returns none if one begins with the backslash of a .forward @throws Error if something is not closed */
function entriesIn(text: string): string[] {
  const entries = splitLine(text)
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^[& \t]+/, ''))
  return entries.some((entry) => entry.startsWith('\\')) ? [] : entries
}

/** `Smith` of `Smith, John <j@y>`, where nobody has quoted the comma: no mailbox of this host, by its capital. */
export function isHalfAName(entry: string, next = ''): boolean {
  const name = next.slice(0, Math.max(next.indexOf('<'), 0)).trim()
  return name !== '' && !/[@"|/]/.test(name) && /^[A-Z\x80-\xff][^@<"|/:]*$/.test(entry)
}

/**
 * The envelope address of an entry.
 *
 * @returns empty if there is nothing but comments; undefined if it is no address
 * @throws Error if something is not closed
 */
export function addressIn(entry: string): string | undefined {
  const written = new Written()
  let inAngles: string | undefined
  for (let position = 0; position < entry.length; ) {
    const end = behind(entry, position)
    const piece = entry.slice(position, end)
    position = end
    if (piece[0] === '(') continue
    if (piece[0] === '<') {
      if (inAngles !== undefined) return undefined
      inAngles = piece.slice(1, -1)
      written.forget()
    } else written.add(piece)
  }
  if (inAngles === undefined) return written.address
  return written.isEmpty ? addressIn(inAngles.replace(/^@[^:]*:/, '')) || undefined : undefined
}

/** What of an entry is an address: its text, and beside it what of this is not quoted. */
class Written {
  #text = ''
  /** As long as the text; `q` for what is quoted. */
  #shape = ''
  #hasQuotes = false
  /** A blank has come, and then: it is between two words. */
  #blank = false
  #isTwoWords = false

  get isEmpty(): boolean {
    return this.#text === '' && !this.#hasQuotes
  }

  /** Empty if nothing was written; undefined if that is no address. */
  get address(): string | undefined {
    if (this.isEmpty) return ''
    return !this.#isTwoWords && isMailbox(this.#text, this.#shape) ? withoutRootDot(this.#text) : undefined
  }

  /** It was a name. */
  forget(): void {
    this.#text = this.#shape = ''
    this.#hasQuotes = this.#blank = this.#isTwoWords = false
  }

  /** @param piece - a character, one behind a backslash, or a quoted string */
  add(piece: string): void {
    if (/^[ \t\r]$/.test(piece)) {
      this.#blank = true
      return
    }
    if (this.#blank && this.#text !== '' && piece !== '@' && !this.#shape.endsWith('@')) this.#isTwoWords = true
    this.#blank = false
    const isQuoted = piece[0] === '"' && piece.length > 1
    const text = isQuoted ? unescaped(piece.slice(1, -1)) : piece.length > 1 ? piece.slice(1) : piece
    this.#hasQuotes ||= isQuoted
    this.#text += text
    this.#shape += piece.length > 1 ? 'q'.repeat(text.length) : text
  }
}

/** Characters that no local part has but in quotes. A `:` is of a group, of `mailto:` or `:include:`. */
const notInLocal = /[\0-\x20<>,;:()"@\\\x7f]/
/** What is not ASCII is left to whoever sends it. */
const domain = /^(?:\[[^[\]\0-\x20]*\]|(?!\.*$)[A-Za-z0-9._\x80-\xff-]+)$/
/** A path, a program or a variable, in a place where an address stands. */
const otherThanMailbox = /^[./~$|\\]|\/$/

function isMailbox(text: string, shape: string): boolean {
  const at = shape.lastIndexOf('@')
  if (text === '' || text.startsWith('&') || /[\0\n]/.test(text) || notInLocal.test(at < 0 ? shape : shape.slice(0, at))) return false
  const host = text.lastIndexOf('@') // be it quoted: all of "a@y" is an address too
  if (host >= 0) return host > 0 && (at < 0 || at === host) && domain.test(text.slice(host + 1))
  return !shape.startsWith("'") && !otherThanMailbox.test(text)
}
