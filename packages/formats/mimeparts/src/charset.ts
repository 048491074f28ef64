/** Bytes of a charset as text: those of the WHATWG's table and some of seven bits, and nothing that breaks a reader. */
import { TextDecoder } from 'node:util'
import { Shifted, type TextSource, Utf7 } from './sevenbit.ts'

/** Decoders by the names that were asked for; names are strangers', so not too many are kept. */
const decoders = new Map<string, TextDecoder | undefined>()
const keptDecoders = 100

/** Names that mail has for charsets of the table. */
const others = new Map([
  ['ansi_x3.4-1968', 'us-ascii'],
  ['cp932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['cp874', 'windows-874'],
  ['euc-cn', 'gbk'],
  ['iso-8859-8-e', 'iso-8859-8'],
  ['ks_c_5601', 'euc-kr'],
  ['unicode-1-1-utf-8', 'utf-8'],
  ['utf8mb4', 'utf-8'],
])

/** Charsets that the table does not have. */
const sevenBits = new Map<string, () => TextSource>([
  ['hz-gb-2312', () => new Shifted('hz', 'gbk')],
  ['iso-2022-cn', () => new Shifted('iso-2022', 'gbk')],
  ['iso-2022-kr', () => new Shifted('iso-2022', 'euc-kr')],
  ['unicode-1-1-utf-7', () => new Utf7()],
  ['utf-7', () => new Utf7()],
])

/** Whether decodeCharset() knows it. */
export function isCharset(name: string): boolean {
  return sevenBits.has(name.toLowerCase()) || decoderOf(name) !== undefined
}

/** A text's bytes as text; what is no text of the charset becomes U+FFFD. An unknown charset is read as UTF-8. */
export function decodeCharset(bytes: Uint8Array, name: string | undefined): string {
  return (sevenBits.get(name?.toLowerCase() ?? '')?.() ?? decoderOf(name ?? 'utf-8') ?? (decoderOf('utf-8') as TextDecoder)).decode(bytes)
}

/** A decoder of its own for a text that comes in pieces. */
export function charsetDecoder(name: string | undefined): TextSource {
  return sevenBits.get(name?.toLowerCase() ?? '')?.() ?? new TextDecoder(decoderOf(name ?? 'utf-8')?.encoding ?? 'utf-8')
}

function decoderOf(name: string): TextDecoder | undefined {
  const key = name.toLowerCase().slice(0, 64)
  if (decoders.has(key)) return decoders.get(key)
  let decoder: TextDecoder | undefined
  try {
    decoder = new TextDecoder(others.get(key) ?? key)
  } catch {
    decoder = undefined
  }
  if (decoders.size >= keptDecoders) decoders.clear()
  decoders.set(key, decoder)
  return decoder
}
