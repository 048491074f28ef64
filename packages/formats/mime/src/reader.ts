/**
 * The parts of a message as they come by, line by line (RFC 2046 §5.1).
 *
 * A line longer than the limit comes in fragments: no boundary is so long. Outer boundaries end inner parts.
 */
import { withoutEnd } from '@yabumi/blanks'
import { mimeDepth, mimeFieldBytes, mimeLineBytes } from '@yabumi/limits'
import { fieldName, type PartType, readPartType } from './fields.ts'

/**
 * What a part is to us: a leaf; a multipart or a message, which hold others; or opaque, of which no byte may change: signed, encrypted, or nested
 * too deep.
 */
export type Kind = 'leaf' | 'multipart' | 'message' | 'opaque'

export interface Part extends PartType {
  /** Counted from 0, the message itself. */
  readonly index: number
  readonly kind: Kind
}

/** The fields of a header that say what a part is; they come together at its end. */
export interface MimeFields {
  readonly version: string | undefined
  readonly contentType: string | undefined
  readonly encoding: string | undefined
}

/** Hears the message. Texts are byte strings with their line ends. */
export interface Hearer {
  /** Of a header what is no MIME field, or one that stands there twice: lines, or fragments of one. */
  header(text: string): void
  /** A header ends. @param blank - the empty line; nothing if the message ends or a boundary comes */
  headerEnd(part: Part, fields: MimeFields, blank: string): void
  /** @param fragment - of a line; it ends with LF if the line does. */
  body(part: Part, fragment: string): void
  /** What stands before the first and after the last part of a multipart. */
  between(fragment: string): void
  /** A boundary ends a part, or is the first. @param multipart - whose it is */
  boundary(line: string, multipart: number): void
  /** The message ends. */
  end(): void
}

interface Multipart {
  readonly index: number
  readonly mark: string
  readonly isDigest: boolean
}

const opaqueTypes = new Set(['multipart/signed', 'multipart/encrypted'])

export class MimeReader {
  readonly #hearer: Hearer
  /** Multiparts that have no part: they are leaves. */
  readonly #partless: ReadonlySet<number>
  readonly #open: Multipart[] = []
  #line = ''
  /** The beginning of the line under way has been handed on. */
  #inLine = false
  #state: 'header' | 'body' | 'between' = 'header'
  #part: Part | undefined
  #count = 0
  #isDigest = false
  /** How many messages and multiparts stand around what is read. */
  #depth = 0
  readonly #depths: number[] = []
  /** Of the header under way: the field whose lines come, and the MIME fields. */
  #field = ''
  #fields: { version: string | undefined; contentType: string | undefined; encoding: string | undefined } = noFields()

  constructor(hearer: Hearer, partless: ReadonlySet<number> = new Set()) {
    this.#hearer = hearer
    this.#partless = partless
  }

  push(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const lf = piece.indexOf(10, at)
      const room = at + mimeLineBytes - this.#line.length
      const stop = Math.min(lf < 0 ? piece.length : lf + 1, room)
      this.#line += piece.toString('latin1', at, stop)
      at = stop
      if (this.#line.endsWith('\n') || this.#line.length >= mimeLineBytes) this.#take()
    }
  }

  end(): void {
    if (this.#line !== '') this.#take()
    if (this.#state === 'header') this.#endHeader('')
    this.#hearer.end()
  }

  #take(): void {
    const line = this.#line
    this.#line = ''
    const starts = !this.#inLine
    this.#inLine = !line.endsWith('\n')
    if (starts && line.startsWith('--') && this.#open.length > 0 && this.#takeBoundary(line)) return
    if (this.#state === 'header') this.#takeHeader(line, starts)
    else if (this.#state === 'between') this.#hearer.between(line)
    else this.#hearer.body(this.#part as Part, line)
  }

  #takeBoundary(line: string): boolean {
    const text = withoutEnd(line)
    for (let at = this.#open.length - 1; at >= 0; at -= 1) {
      const { index, mark, isDigest } = this.#open[at] as Multipart
      if (text !== mark && text !== `${mark}--`) continue
      if (this.#state === 'header') this.#endHeader('')
      const isLast = text !== mark
      this.#open.length = at + (isLast ? 0 : 1)
      this.#depth = (this.#depths[at] as number) + (isLast ? 0 : 1)
      this.#depths.length = this.#open.length
      this.#hearer.boundary(line, index)
      if (isLast) this.#state = 'between'
      else this.#begin(isDigest)
      return true
    }
    return false
  }

  #begin(isDigest: boolean): void {
    this.#state = 'header'
    this.#isDigest = isDigest
    this.#field = ''
    this.#fields = noFields()
  }

  #takeHeader(line: string, starts: boolean): void {
    if (starts && (line === '\n' || line === '\r\n')) {
      this.#endField()
      this.#endHeader(line)
      return
    }
    const goesOn = !starts || /^[ \t]/.test(line)
    if (!goesOn) this.#endField()
    const field = this.#field + line
    const passes = (goesOn && this.#field === '') || field.length > mimeFieldBytes || !isMime(field)
    this.#field = passes ? '' : field
    if (passes) this.#hearer.header(field)
  }

  #endField(): void {
    const field = this.#field
    this.#field = ''
    if (field === '') return
    const name = fieldName(field)
    const key = name === 'mime-version' ? 'version' : name === 'content-type' ? 'contentType' : 'encoding'
    if (this.#fields[key] === undefined) this.#fields[key] = field
    else this.#hearer.header(field)
  }

  #endHeader(blank: string): void {
    this.#endField()
    const index = this.#count
    this.#count += 1
    const read = readPartType(this.#fields.contentType, this.#fields.encoding)
    const type = read.type === '' && this.#isDigest && this.#fields.contentType === undefined ? 'message/rfc822' : read.type
    const part = { ...read, type, index, kind: this.#kindOf({ ...read, type }, index) }
    this.#part = part
    this.#state = part.kind === 'multipart' ? 'between' : 'body'
    this.#hearer.headerEnd(part, this.#fields, blank)
    if (part.kind === 'multipart') {
      this.#open.push({ index, mark: `--${part.boundary}`, isDigest: type === 'multipart/digest' })
      this.#depths.push(this.#depth)
      this.#depth += 1
    } else if (part.kind === 'message' && blank !== '') {
      this.#depth += 1
      this.#begin(false)
    }
  }

  #kindOf({ type, boundary, encoding }: PartType, index: number): Kind {
    if (opaqueTypes.has(type)) return 'opaque'
    const holds = (type.startsWith('multipart/') && boundary !== '' && !this.#partless.has(index)) || type === 'message/rfc822'
    if (!holds || encoding === 'quoted-printable' || encoding === 'base64') return 'leaf'
    if (this.#depth >= mimeDepth) return 'opaque'
    return type === 'message/rfc822' ? 'message' : 'multipart'
  }
}

function isMime(field: string): boolean {
  const name = fieldName(field)
  return name === 'mime-version' || name === 'content-type' || name === 'content-transfer-encoding'
}

function noFields(): { version: undefined; contentType: undefined; encoding: undefined } {
  return { version: undefined, contentType: undefined, encoding: undefined }
}
