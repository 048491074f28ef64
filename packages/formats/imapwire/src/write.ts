/** Values as answers have them (RFC 9051 §9). Values hold a character a byte (latin1), and so does what is written. */

/** A longer value is a literal. */
const quotedBytes = 1_000

const quotable = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/
const atom = /^[^\x00-\x20\x7f-\xff(){%*"\\\]]+$/
const inAstring = /^[^\x00-\x20\x7f-\xff(){%*"\\]+$/

/** A string: quoted where that can be, else a literal. NUL becomes 0x80, as no literal may hold it. */
export function writeString(value: string): string {
  if (value.length <= quotedBytes && quotable.test(value)) return quoted(value)
  return `{${value.length}}\r\n${value.replaceAll('\0', '\x80')}`
}

/** The same, or NIL for undefined. */
export function writeNstring(value: string | undefined): string {
  return value === undefined ? 'NIL' : writeString(value)
}

/** An atom where that can be, else a string. NIL is quoted, so that nobody takes it for none. */
export function writeAstring(value: string): string {
  return inAstring.test(value) && value.toUpperCase() !== 'NIL' ? value : writeString(value)
}

/** A string that may hold UTF-8 in quotes, for clients that have enabled it. */
export function writeUtf8String(value: string): string {
  return value.length <= quotedBytes && !/[\0\r\n]/.test(value) ? quoted(value) : writeString(value)
}

/** The announcement of a literal; its bytes follow. One that holds NUL must be binary. */
export function literalHead(sizeBytes: number, binary = false): string {
  return `${binary ? '~' : ''}{${sizeBytes}}\r\n`
}

/** Flags and keywords in parentheses. */
export function writeFlags(flags: Iterable<string>): string {
  return `(${[...flags].join(' ')})`
}

/** Whether a text may stand as an atom. */
export function isAtom(text: string): boolean {
  return atom.test(text)
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
