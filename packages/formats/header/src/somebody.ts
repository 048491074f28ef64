/**
 * Whether an address of a header is one that somebody wrote as an address (spec §4.6, where qmail takes whatever is
 * left of a mistake).
 *
 * From `<a@x` qmail makes the mailbox `<a` at x, of `a@x@y` one at y: nobody has these, and who was meant hears
 * nothing.
 */
import { isBounceMark } from './rewrite.ts'
import { addressText, type Token } from './token.ts'

/** An encoded word (RFC 2047 §2) in place of an address may hide one. */
const encodedWord = /^=\?[^?@]+\?[BQ]\?[^?]*\?=/i
/** Marks of lists: in an address they are what is left of something that was not closed. */
const marksOfLists: ReadonlySet<Token['kind']> = new Set(['<', '>', ',', ':', ';'])
/** Of an envelope they would make something else; behind a NUL all would be lost. */
const unfit = /[\0\r\n]/
/** A part of a domain; what is not ASCII is left to whoever sends it, who has a text for that. */
const label = /^[A-Za-z0-9_\x80-\xff-]*$/

/** @param address - completed (rewriteAddress), in reading order */
export function isSomebody(address: readonly Token[]): boolean {
  if (address.some(({ kind, text }) => marksOfLists.has(kind) || (kind !== 'comment' && unfit.test(text)))) return false
  const text = addressText(address)
  if (text === '' || encodedWord.test(text)) return false
  const [, domain = [], ...more] = splitAt(isBounceMark(address) ? address.slice(0, -2) : address) // list-@host-@[] is one at host
  return more.length === 0 && domain.every(({ kind, text: word }) => kind === '.' || kind === 'literal' || label.test(word))
}

/** The tokens between the `@`, comments dropped. */
function splitAt(address: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  for (const token of address) {
    if (token.kind === '@') parts.push([])
    else if (token.kind !== 'comment') parts.at(-1)?.push(token)
  }
  return parts
}
