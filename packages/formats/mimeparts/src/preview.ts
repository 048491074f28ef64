/** What a message begins with, for lists (RFC 8970): the first text, without quotations where there is more. */
import { previewBytes, previewCharacters } from '@yabumi/limits'
import { encodingOf } from './bodystructure.ts'
import { charsetDecoder } from './charset.ts'
import { htmlText } from './htmltext.ts'
import { isText, type Part, parameterOf } from './part.ts'
import { decodeTransfer } from './transfer.ts'

/**
 * At most `previewCharacters` characters on one line; empty if there is no text.
 *
 * @param read - gives bytes of the file
 */
export function previewOf(root: Part, read: (start: number, end: number) => Buffer): string {
  for (const part of textsOf(root)) {
    const { start, end } = part.body
    if (start === end) return ''
    if (encodingOf(part) === 'unknown') continue
    const raw = read(start, Math.min(end, start + previewBytes))
    const { bytes } = decodeTransfer(raw, encodingOf(part))
    const decoder = charsetDecoder(parameterOf(part.type, 'charset'))
    const text = decoder
      .decode(bytes, { stream: true })
      .replaceAll(/\ufffd+/g, '\ufffd')
      .replaceAll('\0', '')
    const preview = snippet(isHtml(part) ? htmlText(text) : text, previewCharacters)
    if (preview !== '') return preview
  }
  return ''
}

/** The beginning of a text; of one that only quotes, `>` and the beginning of that. */
export function snippet(text: string, characters: number): string {
  const own = beginning(text, characters, false)
  if (own !== '') return own
  const quoted = beginning(text, characters - 1, true)
  return quoted === '' ? '' : `>${quoted}`
}

/** @param quoted - only lines that begin with `>`, instead of only others */
function beginning(text: string, characters: number, quoted: boolean): string {
  let out = ''
  let count = 0
  for (let start = 0; start < text.length && count < characters; ) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    const line = text.slice(start, end)
    start = end + 1
    if (line.startsWith('>') !== quoted) continue
    for (const word of line.replace(/^>+/, '').split(/[ \t\r\f\v]+/)) {
      if (word === '') continue
      const piece = count === 0 ? word : ` ${word}`
      const left = characters - count
      const taken = piece.length <= left ? piece : [...piece.slice(0, 2 * left)].slice(0, left).join('')
      out += taken
      count += [...taken].length
      if (count >= characters) break
    }
  }
  return out.endsWith(' ') ? out.slice(0, -1) : out
}

function isPlain(part: Part): boolean {
  return part.type === undefined || part.type.subtype.toLowerCase() === 'plain'
}

function isHtml(part: Part): boolean {
  return part.type?.subtype.toLowerCase() === 'html'
}

/** Text may be one without a type, too; of alternatives the plain one, or HTML, or the last that is some text. */
function* textsOf(part: Part): Generator<Part> {
  if (part.type === undefined || (isText(part) && part.type.subtype !== '')) yield part
  else if (part.kind !== 'multipart') return
  else if (part.type.subtype.toLowerCase() !== 'alternative') for (const child of part.children) yield* textsOf(child)
  else {
    const texts = part.children.filter((child) => child.type === undefined || isText(child))
    const best = texts.find(isPlain) ?? texts.findLast(isHtml) ?? texts.at(-1)
    if (best !== undefined) yield best
  }
}
