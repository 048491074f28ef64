/** Macros: texts with places that say who sends, from where, to be put together for each message (RFC 7208 §7). */
import { spfAnswerBytes } from '@yabumi/limits'

/** A text, or a place for one. */
export type Piece = string | Macro

interface Macro {
  /** A lower-case letter of RFC 7208 §7.2. */
  readonly letter: string
  /** How many parts count, from the right. */
  readonly parts: number
  readonly reversed: boolean
  readonly delimiters: string
  /** Written as in URLs. */
  readonly escaped: boolean
}

/** What a macro letter stands for. */
export type Values = (letter: string) => string | Promise<string>

const literals: Readonly<Record<string, string>> = { '%%': '%', '%_': ' ', '%-': '%20' }
const explanationLetters = 'crt'
/** RFC 1035 §2.3.4, without the final dot. */
const longestName = 253

/**
 * Read a macro string.
 *
 * @param inExplanation - blanks and the letters c, r and t are allowed
 * @returns undefined for what is none
 */
export function readMacros(text: string, inExplanation: boolean): Piece[] | undefined {
  const token = /%\{([a-z])([0-9]*)(r?)([.+,/_=-]*)\}|%[%_-]|[!-$&-~]+|( +)/giy
  const pieces: Piece[] = []
  while (token.lastIndex < text.length) {
    const found = token.exec(text)
    if (found === null) return undefined
    const [whole, letter, digits = '', reverse, delimiters, blanks] = found
    if (blanks !== undefined && !inExplanation) return undefined
    if (letter === undefined) pieces.push(literals[whole] ?? whole)
    else {
      const known = `slodipvh${inExplanation ? explanationLetters : ''}`.includes(letter.toLowerCase())
      const parts = digits === '' ? Number.POSITIVE_INFINITY : Number(digits)
      if (!known || parts === 0) return undefined
      const escaped = letter !== letter.toLowerCase()
      pieces.push({ letter: letter.toLowerCase(), parts, reversed: reverse !== '', delimiters: delimiters || '.', escaped })
    }
  }
  return pieces
}

/** A macro string that ends as a name does (RFC 7208 §7.1). */
export interface DomainSpec {
  readonly pieces: readonly Piece[]
  /** One label only, which many readers take and the grammar does not. */
  readonly single: boolean
}

/** Not digits alone, and no hyphen at either end (RFC 7208 §7.1). */
function isTopLabel(label: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(label) && /[A-Za-z-]/.test(label) && !label.startsWith('-') && !label.endsWith('-')
}

export function readDomainSpec(text: string): DomainSpec | undefined {
  const pieces = readMacros(text, false)
  if (pieces === undefined || pieces.length === 0) return undefined
  if (text.endsWith('}') && typeof pieces.at(-1) !== 'string') return { pieces, single: false }
  if (/%[%_-]$/.test(text)) return { pieces, single: false }
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const dot = name.lastIndexOf('.')
  const label = name.slice(dot + 1)
  if (label.length > 63 || !isTopLabel(label)) return undefined
  return { pieces, single: dot < 0 }
}

/** Put values into their places; nothing follows where the text is too long already. */
export async function expandMacros(pieces: readonly Piece[], values: Values): Promise<string> {
  let text = ''
  for (const piece of pieces) {
    if (text.length > spfAnswerBytes) break
    text += typeof piece === 'string' ? piece : await expand(piece, values)
  }
  return text
}

/** The same for a name: without its final dot, and without labels at the left that make it too long (RFC 7208 §7.3). */
export async function expandName({ pieces }: DomainSpec, values: Values): Promise<string> {
  const whole = await expandMacros(pieces, values)
  const name = whole.endsWith('.') ? whole.slice(0, -1) : whole
  if (name.length <= longestName) return name
  const dot = name.indexOf('.', name.length - longestName - 1)
  return dot < 0 ? name : name.slice(dot + 1)
}

async function expand({ letter, parts, reversed, delimiters, escaped }: Macro, values: Values): Promise<string> {
  const labels: string[] = []
  let label = ''
  for (const character of await values(letter)) {
    if (!delimiters.includes(character)) label += character
    else {
      labels.push(label)
      label = ''
    }
  }
  labels.push(label)
  if (reversed) labels.reverse()
  const text = labels.slice(parts >= labels.length ? 0 : -parts).join('.')
  return escaped ? text.replace(/[^A-Za-z0-9._~-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`) : text
}
