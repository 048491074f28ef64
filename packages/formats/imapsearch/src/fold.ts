/** Texts as searches and sorts compare them (RFC 5051, i;unicode-casemap). */

const ascii = /^[\x00-\x7f]*$/
const mark = /\p{M}+/gu

/** For searches, upper case without marks: `café` and `CAFE` are one. */
export function foldText(text: string): string {
  return ascii.test(text) ? text.toUpperCase() : orderText(text).replaceAll(mark, '')
}

/** For sorts, upper case with marks after their letters. The sharp s stays what it is. */
export function orderText(text: string): string {
  if (ascii.test(text)) return text.toUpperCase()
  return text
    .normalize('NFKD')
    .split('\u00df')
    .map((part) => part.toUpperCase())
    .join('\u00df')
}
