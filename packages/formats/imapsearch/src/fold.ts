/** Texts as searches and sorts compare them: without case and accents (RFC 5051, i;unicode-casemap). */

const ascii = /^[\x00-\x7f]*$/
const mark = /\p{M}+/gu

/** Upper case, without marks: `café` and `CAFE` are one. The sharp s stays what it is. */
export function foldText(text: string): string {
  if (ascii.test(text)) return text.toUpperCase()
  return text
    .normalize('NFKD')
    .replaceAll(mark, '')
    .split('\u00df')
    .map((part) => part.toUpperCase())
    .join('\u00df')
}
