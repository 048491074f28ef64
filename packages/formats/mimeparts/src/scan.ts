/**
 * One pass over a message: its parts and where they lie (RFC 2045, RFC 2046 §5.1).
 *
 * Lines end with LF; a CR before it belongs to the line end. The line end before a boundary belongs to the boundary.
 * Nothing is refused: what is broken is read as other programs read it, and what lies too deep is opaque.
 *
 * Memory: the fields that say what parts are, within a limit, and some numbers a part. A line's text is kept up to
 * `lineBytes`; the rest of it is counted only.
 */
import { withoutEnd } from '@yabumi/blanks'
import { readDepth, readFieldBytes, readParts } from '@yabumi/limits'
import { envelopeFields } from './envelope.ts'
import { type Extent, kindOf, type Part, typeOf } from './part.ts'

const LF = 10
const CR = 13
/** What is kept of a line: a boundary, or a field's name and value. */
const lineBytes = 65_536
/** U+FFFD in UTF-8, for NUL in a field. */
const replacement = '\xef\xbf\xbd'

/** Where a part begins, while it is read. */
interface Mark {
  at: number
  /** Bare LFs and LFs before it. */
  bare: number
  lines: number
}

interface Open {
  kind: Part['kind']
  inDigest: boolean
  boundary: string | undefined
  type: Part['type']
  readonly fields: Map<string, string[]>
  readonly children: Part[]
  /** A message's fields are those of ENVELOPE too. */
  readonly isMessage: boolean
  readonly start: Mark
  bodyStart: Mark | undefined
}

/** Give it the bytes of a message with push(), in pieces of any size, and take its parts with finish(). */
export class PartScan {
  readonly #open: Open[] = []
  #parts = 0
  #fieldBytes = readFieldBytes
  /** The field that continuation lines belong to. */
  #field: string[] | undefined
  /** The beginning of a line whose end has not come. */
  #kept: Buffer[] = []
  #keptBytes = 0
  #lineLength = 0
  #lastByte = 0
  /** Where the line that comes begins, and where the text of the last one ends. */
  readonly #mark: Mark = { at: 0, bare: 0, lines: 0 }
  #before: Mark = { at: 0, bare: 0, lines: 0 }
  /** What the boundary that was read last begins or ends. */
  #pending: 'child' | 'end' = 'end'

  readonly #globals: boolean

  /** @param globals - message/global is a message too, as IMAP4rev2 has it (RFC 9051 §7.5.2); for others it is opaque */
  constructor(globals = false) {
    this.#globals = globals
    this.#begin(false, true)
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      if (this.#lineLength === 0) this.#line(chunk, start, end, end - start, end > start ? (chunk[end - 1] as number) : 0)
      else {
        this.#keep(chunk, start, end)
        const text = Buffer.concat(this.#kept)
        this.#line(text, 0, text.length, this.#lineLength, this.#lastByte)
      }
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk, start, chunk.length)
  }

  finish(): Part {
    if (this.#lineLength > 0) {
      const text = Buffer.concat(this.#kept)
      const length = this.#lineLength
      this.#text(text, 0, text.length, false)
      this.#forget()
      this.#mark.at += length
      this.#before = { ...this.#mark }
    }
    while (this.#open.length > 1) this.#close(this.#mark)
    return this.#close(this.#mark)
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    if (end === start) return
    this.#lineLength += end - start
    this.#lastByte = chunk[end - 1] as number
    const some = chunk.subarray(start, Math.min(end, start + lineBytes - this.#keptBytes))
    if (some.length === 0) return
    this.#kept.push(Buffer.from(some))
    this.#keptBytes += some.length
    if (this.#kept.length > 64) this.#kept = [Buffer.concat(this.#kept)]
  }

  #forget(): void {
    this.#kept = []
    this.#keptBytes = 0
    this.#lineLength = 0
  }

  /** A line's text, which stands in `bytes` as far as it is kept; `length` is that of all of it, with its CR. */
  #line(bytes: Buffer, start: number, end: number, length: number, lastByte: number): void {
    const hasCr = lastByte === CR && length > 0
    const textEnd = hasCr && end - start === length ? end - 1 : end
    const isBoundary = this.#text(bytes, start, textEnd, true)
    this.#forget()
    const { at, bare, lines } = this.#mark
    const textLength = hasCr ? length - 1 : length
    this.#before = { at: at + textLength, bare, lines }
    this.#mark.at = at + length + 1
    this.#mark.bare += hasCr ? 0 : 1
    this.#mark.lines += 1
    if (isBoundary) {
      this.#before = { ...this.#mark } // its line end is no other boundary's
      this.#afterBoundary()
    } else if (textLength === 0) this.#afterEmpty()
  }

  /** Looks at a line before it counts; whether it is a boundary. */
  #text(bytes: Buffer, start: number, lineEnd: number, isLine: boolean): boolean {
    const end = Math.min(lineEnd, start + lineBytes)
    if (bytes[start] === 45 && bytes[start + 1] === 45 && this.#boundary(bytes, start, end)) return true
    const top = this.#open.at(-1) as Open
    if (top.bodyStart === undefined && (end > start || !isLine)) this.#headerLine(top, bytes, start, end)
    return false
  }

  #afterEmpty(): void {
    const top = this.#open.at(-1) as Open
    if (top.bodyStart === undefined) this.#endHeader(top, this.#mark)
  }

  #afterBoundary(): void {
    const parent = this.#open.at(-1) as Open
    if (this.#pending === 'child') this.#begin(parent.type?.subtype.toLowerCase() === 'digest', false)
    else parent.boundary = undefined
  }

  #boundary(bytes: Buffer, start: number, end: number): boolean {
    if (this.#parts >= readParts) return false
    const text = withoutEnd(bytes.toString('latin1', start + 2, end))
    let owner: Open | undefined
    for (let at = this.#open.length - 1; at >= 0 && owner === undefined; at -= 1) {
      const boundary = this.#open[at]?.boundary
      if (boundary !== undefined && (text === boundary || text === `${boundary}--`)) owner = this.#open[at] as Open
    }
    if (owner === undefined) return false
    while (this.#open.at(-1) !== owner) this.#close(this.#before)
    this.#pending = text === owner.boundary ? 'child' : 'end'
    return true
  }

  #headerLine(part: Open, bytes: Buffer, start: number, end: number): void {
    const first = bytes[start]
    if (first === 32 || first === 9) {
      if (this.#field !== undefined) this.#addToField(`\n${bytes.toString('latin1', start, end)}`)
      return
    }
    this.#field = undefined
    const colon = start + bytes.subarray(start, end).indexOf(58)
    if (colon < start) return
    let nameEnd = colon
    while (nameEnd > start && (bytes[nameEnd - 1] === 32 || bytes[nameEnd - 1] === 9)) nameEnd -= 1
    if (nameEnd - start > 40) return
    const name = bytes.toString('latin1', start, nameEnd).toLowerCase()
    if (!name.startsWith('content-') && !(part.isMessage && (envelopeFields.has(name) || name === 'mime-version'))) return
    let from = colon + 1
    while (from < end && (bytes[from] === 32 || bytes[from] === 9)) from += 1
    const values = part.fields.get(name) ?? []
    part.fields.set(name, values)
    values.push('')
    this.#field = values
    this.#addToField(bytes.toString('latin1', from, end))
  }

  #addToField(text: string): void {
    const some = text.replaceAll('\0', replacement).slice(0, this.#fieldBytes)
    this.#fieldBytes -= some.length
    const values = this.#field as string[]
    values[values.length - 1] += some
  }

  #begin(inDigest: boolean, isMessage: boolean): void {
    this.#parts += 1
    this.#field = undefined
    this.#open.push({
      kind: 'leaf',
      inDigest,
      boundary: undefined,
      type: undefined,
      fields: new Map(),
      children: [],
      isMessage,
      start: { ...this.#mark },
      bodyStart: undefined,
    })
  }

  #endHeader(part: Open, end: Mark): void {
    part.bodyStart = { ...end }
    if (part.isMessage && !part.fields.has('content-type') && !part.fields.has('mime-version')) forgetMime(part.fields)
    part.type = typeOf(part.fields)
    const { kind, boundary } = kindOf(part.type, part.inDigest, this.#globals)
    const isOpaque = kind !== 'leaf' && (this.#open.length > readDepth || this.#parts >= readParts)
    part.kind = isOpaque ? 'leaf' : kind
    if (isOpaque) return
    part.boundary = boundary
    if (kind === 'message') this.#begin(false, true)
  }

  /** The innermost part ends here. */
  #close(end: Mark): Part {
    const part = this.#open.at(-1) as Open
    if (part.bodyStart === undefined) {
      this.#endHeader(part, later(end, part.start))
      if (this.#open.at(-1) !== part) this.#close(end) // the message that was to follow
    }
    this.#open.pop()
    let bodyStart = part.bodyStart as unknown as Mark
    if (end.at < bodyStart.at) bodyStart = later(end, part.start) // the empty line that ends the header is the boundary's
    const { kind, type, fields, children } = part
    const [header, body] = [extent(part.start, bodyStart), extent(bodyStart, later(end, bodyStart))]
    const closed: Part = { kind, type, fields, children, header, body }
    this.#open.at(-1)?.children.push(closed)
    return closed
  }
}

/** The parts of a message that is in memory. */
export function scanParts(message: Buffer, globals = false): Part {
  const scan = new PartScan(globals)
  scan.push(message)
  return scan.finish()
}

/** A message that names neither a version of MIME nor a type is none of MIME's. */
function forgetMime(fields: Map<string, string[]>): void {
  for (const name of fields.keys()) if (name.startsWith('content-')) fields.delete(name)
}

function later(one: Mark, other: Mark): Mark {
  return one.at < other.at ? other : one
}

function extent(start: Mark, end: Mark): Extent {
  const bytes = end.at - start.at
  return { start: start.at, end: end.at, sizeBytes: bytes + end.bare - start.bare, lines: end.lines - start.lines }
}
