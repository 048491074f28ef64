/** Header fields as people read them: encoded words become text (RFC 2047), and raw bytes are UTF-8 (RFC 6532). */
import { decodeCharset } from './charset.ts'
import { decodeTransfer } from './transfer.ts'

/** `=?charset?encoding?text?=`, the charset with a language perhaps (RFC 2231 §5). */
const encodedWord = /=\?([^?\s*]{1,64})(?:\*[^?\s]{0,64})?\?([bq])\?([^?]{0,8192})\?=/gi

/**
 * A field's value as text, on one line.
 *
 * White space between encoded words goes. Words side by side in one charset are decoded together, as some programs cut
 * characters in two.
 *
 * @param value - a character a byte
 */
export function decodeHeader(value: string): string {
  const text = value.replaceAll(/[\r\n]/g, '')
  if (!text.includes('=?')) return raw(text)
  let out = ''
  let charset = ''
  let words: Buffer[] = []
  let at = 0
  const flush = (): void => {
    if (words.length > 0) out += decodeCharset(Buffer.concat(words), charset)
    words = []
  }
  for (const found of text.matchAll(encodedWord)) {
    const [whole, name = '', encoding = '', encoded = ''] = found
    const between = text.slice(at, found.index)
    const isNext = at > 0 && /^[ \t]*$/.test(between)
    if (!isNext || name.toLowerCase() !== charset) flush()
    if (!isNext) out += raw(between)
    charset = name.toLowerCase()
    words.push(bytesOf(encoding, encoded))
    at = found.index + whole.length
  }
  flush()
  return withoutRows(out + raw(text.slice(at)))
}

function bytesOf(encoding: string, text: string): Buffer {
  const isBase64 = encoding.toLowerCase() === 'b'
  const bytes = Buffer.from(isBase64 ? text : text.replaceAll('_', '=20'), 'latin1')
  return decodeTransfer(bytes, isBase64 ? 'base64' : 'quoted-printable').bytes
}

function raw(text: string): string {
  return /[\x80-\xff]/.test(text) ? withoutRows(decodeCharset(Buffer.from(text, 'latin1'), 'utf-8')) : text
}

/** One sign for a row of bytes that are no text. */
function withoutRows(text: string): string {
  return text.includes('\ufffd') ? text.replaceAll(/\ufffd+/g, '\ufffd') : text
}
