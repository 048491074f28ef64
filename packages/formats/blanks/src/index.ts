/** White space around a text, left out in linear time: a plain expression takes quadratic time on a row of blanks. */

const atEnd = ' \t\r\n'
const around = ' \t'

/** A line without the white space at its end: blanks, tabs, CR and LF. */
export function withoutEnd(line: string): string {
  return line.slice(0, endOf(line, 0, atEnd))
}

/** A text without the blanks and tabs around it (WSP of RFC 5234 appendix B.1). */
export function withoutBlanks(text: string): string {
  let start = 0
  while (start < text.length && around.includes(text[start] as string)) start += 1
  return text.slice(start, endOf(text, start, around))
}

function endOf(text: string, start: number, blanks: string): number {
  let end = text.length
  while (end > start && blanks.includes(text[end - 1] as string)) end -= 1
  return end
}
