/** Regular expressions: those in a source, and how much longer each takes for a longer input that is made to mislead it. */

export interface Expression {
  readonly source: string
  readonly flags: string
}

/** What may stand in front of a slash that begins an expression; behind anything else it divides. */
const opener = /[([{,;=:!&|?>]$|\breturn$/

/** The expressions in a text of TypeScript as our formatter leaves it. */
export function expressionsIn(text: string): Expression[] {
  const found: Expression[] = []
  let code = '' // what comes before, without blanks and comments
  for (let at = 0; at < text.length; ) {
    const end = endOfToken(text, at, opener.test(code))
    const token = text.slice(at, end)
    if (token.length > 2 && token[0] === '/' && !/^\/[/*]/.test(token)) {
      const last = token.lastIndexOf('/')
      found.push({ source: token.slice(1, last), flags: token.slice(last + 1) })
    }
    if (token[0] === '`') for (const [, inner = ''] of token.matchAll(/\$\{([^{}]*)\}/g)) found.push(...expressionsIn(`(${inner})`))
    if (!/^(\s|\/[/*])/.test(token)) code = (code + token).slice(-10)
    at = end
  }
  return found
}

const quoted: Record<string, RegExp> = {
  "'": /'(?:[^'\\]|\\.)*'/sy,
  '"': /"(?:[^"\\]|\\.)*"/sy,
  '`': /`(?:[^`\\]|\\.)*`/sy,
}
const comment = /\/\/[^\n]*|\/\*.*?\*\//sy
const literal = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

/** Where the quoted text, the comment, the expression or the single character ends that begins here. */
function endOfToken(text: string, at: number, mayOpen: boolean): number {
  const first = text[at] as string
  const patterns = first === '/' ? (mayOpen ? [comment, literal] : [comment]) : first in quoted ? [quoted[first] as RegExp] : []
  for (const pattern of patterns) {
    pattern.lastIndex = at
    if (pattern.test(text)) return pattern.lastIndex
  }
  return at + 1
}

/** A text whose middle is repeated to any length. */
interface Misleading {
  readonly before: string
  readonly unit: string
  readonly after: string
}

const usual = [
  ' ',
  '\t',
  '"',
  '(',
  ')',
  '\\',
  '.',
  'a',
  'A',
  '0',
  '=',
  ':',
  '@',
  '<',
  '-',
  '\n',
  '\0',
  '\xff',
  'a ',
  '\\"',
  '()',
  'a.',
  '0 ',
]
const ends = ['', '!', '\n']

/** Texts that begin as the expression does, then repeat what is in it or what is usual in mail, and then end as it does not. */
function* misleading({ source }: Expression): Generator<Misleading> {
  const words = (source.match(/(?:\\[^\w]|[\w @=:<>!%#&,;"'/-])+/g) ?? []).map((word) => word.replaceAll('\\', '') || '\\')
  const own = [...new Set(words.join(''))].slice(0, 10)
  const units = new Set([...usual, ...words, ...own, ...own.flatMap((one) => own.map((other) => one + other))])
  const starts = new Set(['', ...words, words.join(''), ...words.map((_, n) => words.slice(0, n + 1).join('a'))])
  for (const before of starts) for (const unit of units) for (const after of ends) yield { before, unit, after }
}

const textOf = ({ before, unit, after }: Misleading, length: number): string =>
  before + unit.repeat(Math.ceil(length / unit.length)) + after

/** Milliseconds that an expression takes, the least of some. */
function milliseconds({ source, flags }: Expression, text: string, times: number): number {
  const expression = new RegExp(source, flags)
  let least = Number.POSITIVE_INFINITY
  for (let n = 0; n < times; n += 1) {
    const begun = performance.now()
    if (flags.includes('g')) text.replace(expression, '')
    else expression.exec(text)
    least = Math.min(least, performance.now() - begun)
  }
  return least
}

const mostGrowth = 12
const longest = 2_000
/** In small steps, so that what doubles with each byte is noticed before it takes for ever. */
const lengths = [16, 20, 25, 31, 39, 49, 61, 76, 95, 119, 149, 186, 233, 291, 364, 455, 569, 711, longest]
/** So long takes no expression for a text of `longest` bytes at most, unless it will take for ever. */
const endlessMilliseconds = 20
/** A linear expression is through 2,000 bytes in a tenth of this. */
const suspiciousMilliseconds = 0.1
/** Below this nobody waits, and a busy machine measures anything. */
const floorMilliseconds = 0.5

/** The first text for which ten times the length takes more than twelve times as long, and how it went; undefined if there is none. */
export function backtracks(expression: Expression): string | undefined {
  for (const way of misleading(expression)) {
    for (const length of lengths) {
      if (milliseconds(expression, textOf(way, length), 1) < suspiciousMilliseconds) continue
      const small = milliseconds(expression, textOf(way, length), 3)
      if (small > endlessMilliseconds) return `${JSON.stringify(way)}: ${small.toFixed(1)} ms for ${length} bytes`
      if (length < longest || small < suspiciousMilliseconds) continue
      const large = milliseconds(expression, textOf(way, 10 * length), 3)
      if (large > mostGrowth * Math.max(small, floorMilliseconds))
        return `${JSON.stringify(way)}: ${small.toFixed(1)} ms for ${length} bytes, ${large.toFixed(1)} for ten times as many`
    }
  }
  return undefined
}
