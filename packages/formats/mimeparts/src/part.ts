/** The parts of a message, and where they lie in its file. */
import type { FieldValues } from './envelope.ts'
import { type ContentType, parseContentType } from './fieldvalues.ts'

/**
 * Bytes of the file from `start` to `end`, and what they are with CRLF for every line end.
 *
 * `sizeBytes` counts each bare LF as two bytes; `lines` is the number of LFs.
 */
export interface Extent {
  readonly start: number
  readonly end: number
  readonly sizeBytes: number
  readonly lines: number
}

/** A part, or the whole message. A `message` has one child, the message in it; a `multipart` perhaps none. */
export interface Part {
  readonly kind: 'leaf' | 'multipart' | 'message'
  /** Undefined where the header names none: text/plain, or in a digest message/rfc822 (`kind` tells). */
  readonly type: ContentType | undefined
  /** With the empty line that ends it, if there is one. */
  readonly header: Extent
  readonly body: Extent
  /** Those fields that IMAP's words need: `content-*`, and of messages those of ENVELOPE. */
  readonly fields: FieldValues
  readonly children: readonly Part[]
}

/** The kind of a part by its type, and what separates its parts. */
export function kindOf(type: ContentType | undefined, inDigest: boolean, globals: boolean): { kind: Part['kind']; boundary?: string } {
  if (type === undefined) return { kind: inDigest ? 'message' : 'leaf' }
  const main = type.type.toLowerCase()
  const sub = type.subtype.toLowerCase()
  if (main === 'message' && (sub === 'rfc822' || (sub === 'global' && globals))) return { kind: 'message' }
  if (main !== 'multipart' || sub === '') return { kind: 'leaf' }
  const boundary = parameterOf(type, 'boundary')
  return boundary === undefined ? { kind: 'multipart' } : { kind: 'multipart', boundary }
}

/** The value of a type's first parameter of a name in lower case. */
export function parameterOf(type: ContentType | undefined, name: string): string | undefined {
  return type?.parameters.find(([one]) => one.toLowerCase() === name)?.[1]
}

/** The type that the first Content-Type names. */
export function typeOf(fields: FieldValues): ContentType | undefined {
  const value = fields.get('content-type')?.[0]
  return value === undefined ? undefined : parseContentType(value)
}

/** Whether it is text: of that type, or with none. */
export function isText(part: Part): boolean {
  return part.type === undefined ? part.kind === 'leaf' : part.type.type.toLowerCase() === 'text'
}
