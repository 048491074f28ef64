/**
 * Tag lists: `v=1; d=example.org; h=from:to`, the form of signatures and of key records (RFC 6376 §3.2).
 */

/** The tags of a list by their names, whose case counts. Values are without white space at either end, and may hold line ends within. */
export interface TagList {
  readonly values: ReadonlyMap<string, string>
  /** In the order of the list. */
  readonly names: readonly string[]
  /** The list is as the grammar has it. Otherwise blanks follow the last semicolon, which many records have and most readers take. */
  readonly strict: boolean
}

const specification = /^([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=([\s\S]*)$/

/**
 * Read a tag list.
 *
 * @param text - a byte string, folded or not
 * @returns undefined for what is none: an empty tag, a name that is none, a name twice
 */
export function parseTags(text: string): TagList | undefined {
  const parts = text.split(';')
  let strict = true
  if (parts.length > 1 && isBlank(parts.at(-1) as string)) strict = parts.pop() === ''
  const values = new Map<string, string>()
  for (const part of parts) {
    const match = specification.exec(trimBlanks(part))
    const [, name = '', value = ''] = match ?? []
    if (match === null || values.has(name)) return undefined
    values.set(name, trimBlanks(value))
  }
  return { values, names: [...values.keys()], strict }
}

/** Without any white space: base64, and lists in which it does not count. */
export function withoutBlanks(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '')
}

/** The words of a list with colons between; white space around them does not count. */
export function colonList(value: string): string[] {
  return value.split(':').map(trimBlanks)
}

/** The bytes that base64 stands for, with white space anywhere; undefined if that is none. */
export function decodeBase64(value: string): Buffer | undefined {
  const text = withoutBlanks(value)
  if (text.length % 4 === 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}

function isBlank(text: string): boolean {
  return trimBlanks(text) === ''
}

/** A loop at both ends, because a regular expression for the end takes quadratic time on blanks. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && ' \t\r\n'.includes(text[start] as string)) start += 1
  while (end > start && ' \t\r\n'.includes(text[end - 1] as string)) end -= 1
  return text.slice(start, end)
}
