/**
 * The texts of a message that BODY and TEXT look through (RFC 9051 §6.4.4).
 *
 * BODY is all text/* and message/* parts, decoded; headers, preamble and epilogue of multiparts are none of it. TEXT is
 * that and the headers of all parts, also as people read them.
 *
 * Memory: a piece of a text, and what may be the beginning of a match.
 */
import { charsetDecoder, decodeHeader, decoderFor, encodingOf, type Part, parameterOf } from '@yabumi/mimeparts'
import { foldText } from './fold.ts'
import type { OpenMessage } from './message.ts'

const pieceBytes = 262_144

/** Whether a text occurs. @param needle - folded (foldText) */
export function occurs(message: OpenMessage, needle: string, inHeaders: boolean): boolean {
  if (needle === '') return true
  return occursIn(message, message.root, needle, inHeaders)
}

function occursIn(message: OpenMessage, part: Part, needle: string, inHeaders: boolean): boolean {
  if (inHeaders && headerHas(message, part, needle)) return true
  if (part.kind === 'leaf' && isSearched(part) && encodingOf(part) !== 'unknown' && bodyHas(message, part, needle)) return true
  return part.children.some((child) => occursIn(message, child, needle, inHeaders))
}

function isSearched({ type }: Part): boolean {
  return type === undefined || /^(text|message)$/i.test(type.type)
}

function headerHas(message: OpenMessage, { header }: Part, needle: string): boolean {
  const text = message.read(header.start, header.end).toString('latin1')
  const lines = text.replaceAll(/\r?\n(?=[ \t])/g, '').split('\n')
  return lines.some((line) => foldText(decodeHeader(line)).includes(needle))
}

function bodyHas(message: OpenMessage, part: Part, needle: string): boolean {
  const decoder = decoderFor(encodingOf(part))
  const text = charsetDecoder(parameterOf(part.type, 'charset'))
  let kept = ''
  for (let start = part.body.start; start < part.body.end; start += pieceBytes) {
    const end = Math.min(part.body.end, start + pieceBytes)
    const bytes = decoder.push(message.read(start, end))
    kept += foldText(text.decode(bytes, { stream: true }))
    if (kept.includes(needle)) return true
    kept = kept.slice(Math.max(0, kept.length - needle.length + 1))
  }
  return (kept + foldText(text.decode(decoder.finish()))).includes(needle)
}
