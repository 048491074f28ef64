/**
 * The forms of header fields and bodies that are signed (RFC 6376 §3.4).
 *
 * Memory  a body's canonical form goes out as it is made: no line is ever kept, however long it is
 * Bound   time is linear in the bytes, whatever they are and however they are cut
 */

/** nowsp is of the drafts of 2005: without any white space. */
export type Form = 'simple' | 'relaxed' | 'nowsp'

const LF = 10
const CR = 13
const space = 32
const tab = 9
const lineEnd: Buffer = Buffer.from('\r\n')
/** Line ends by the thousand, for a body with many empty lines. */
const manyLineEnds: Buffer = Buffer.alloc(8_192, lineEnd)
const carriageReturn = Buffer.from('\r')
const blockBytes = 16_384

/** A field in the form that is signed, with its line end. @param field - a byte string, with its line ends */
export function canonicalField(field: string, form: Form): string {
  if (form === 'simple') return field
  const colon = field.indexOf(':')
  const name = field
    .slice(0, colon)
    .replace(/[ \t]+/g, '')
    .toLowerCase()
  if (form === 'nowsp') return `${name}:${field.slice(colon + 1).replace(/[ \t\r\n]+/g, '')}\r\n`
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ')
  const start = value.startsWith(' ') ? 1 : 0
  const end = value.endsWith(' ') ? value.length - 1 : value.length
  return `${name}:${value.slice(start, Math.max(start, end))}\r\n`
}

/** Makes the canonical form of one body, as it comes in pieces of any size. Pieces given to `emit` are good only until it returns. */
export interface BodyForm {
  push(bytes: Buffer): void
  /** The body has ended. */
  end(): void
}

/** @param emit - gets the canonical form, piece by piece */
export function bodyForm(form: Form, emit: (bytes: Buffer) => void): BodyForm {
  if (form === 'nowsp') return { push: (bytes) => emit(bytes.filter((byte) => !isWhite(byte)) as Buffer), end: () => undefined }
  return form === 'simple' ? new SimpleBody(emit) : new RelaxedBody(emit)
}

function isWhite(byte: number): boolean {
  return byte === space || byte === tab || byte === CR || byte === LF
}

/** Line ends that may be the last ones of the body, which do not count, are only counted. */
class HeldLineEnds {
  /** Whole ones, and whether half of one more has come. */
  count = 0
  half = false
  readonly #emit: (bytes: Buffer) => void

  constructor(emit: (bytes: Buffer) => void) {
    this.#emit = emit
  }

  /** They were not the last ones. */
  release(): void {
    for (let bytes = this.count * lineEnd.length; bytes > 0; bytes -= manyLineEnds.length) {
      this.#emit(bytes < manyLineEnds.length ? manyLineEnds.subarray(0, bytes) : manyLineEnds)
    }
    this.count = 0
  }
}

/** As it is, but one line end at the end. An empty body is one line end (RFC 6376 §3.4.3). */
class SimpleBody implements BodyForm {
  readonly #emit: (bytes: Buffer) => void
  readonly #held: HeldLineEnds

  constructor(emit: (bytes: Buffer) => void) {
    this.#emit = emit
    this.#held = new HeldLineEnds(emit)
  }

  push(bytes: Buffer): void {
    const start = this.#passLineEnds(bytes)
    if (start === bytes.length) return
    let end = bytes.length
    this.#held.half = bytes[end - 1] === CR
    if (this.#held.half) end -= 1
    for (; end - 2 >= start && bytes[end - 2] === CR && bytes[end - 1] === LF; end -= 2) this.#held.count += 1
    if (end > start) this.#emit(bytes.subarray(start, end))
  }

  end(): void {
    if (this.#held.half) {
      this.#held.release()
      this.#emit(carriageReturn)
    }
    this.#emit(lineEnd)
  }

  /** @returns where something begins that is no line end */
  #passLineEnds(bytes: Buffer): number {
    const held = this.#held
    let at = 0
    for (; at < bytes.length; at += 1) {
      if (held.half && bytes[at] === LF) {
        held.half = false
        held.count += 1
      } else if (!held.half && bytes[at] === CR) held.half = true
      else break
    }
    if (at === bytes.length) return at
    held.release()
    if (held.half) this.#emit(carriageReturn)
    held.half = false
    return at
  }
}

/** Blanks of a line as one, none at its end, no empty lines at the end. An empty body is nothing (RFC 6376 §3.4.4). */
class RelaxedBody implements BodyForm {
  readonly #emit: (bytes: Buffer) => void
  readonly #held: HeldLineEnds
  readonly #block = Buffer.allocUnsafe(blockBytes)
  #length = 0
  /** Blanks that count only if something follows them in their line. */
  #blank = false
  #empty = true

  constructor(emit: (bytes: Buffer) => void) {
    this.#emit = emit
    this.#held = new HeldLineEnds(emit)
  }

  push(bytes: Buffer): void {
    const held = this.#held
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] as number
      if (held.half) {
        held.half = false
        if (byte === LF) {
          held.count += 1
          this.#blank = false
          continue
        }
        this.#put(CR)
      }
      if (byte === CR) held.half = true
      else if (byte === space || byte === tab) this.#blank = true
      else this.#put(byte)
    }
    this.#flush()
  }

  end(): void {
    if (this.#held.half) this.#put(CR)
    this.#flush()
    if (!this.#empty) this.#emit(lineEnd)
  }

  /** A byte that counts, after what was held until one came. */
  #put(byte: number): void {
    if (this.#held.count > 0) {
      this.#flush()
      this.#held.release()
    }
    if (this.#length + 2 > blockBytes) this.#flush()
    if (this.#blank) this.#block[this.#length++] = space
    this.#blank = false
    this.#empty = false
    this.#block[this.#length++] = byte
  }

  #flush(): void {
    if (this.#length > 0) this.#emit(this.#block.subarray(0, this.#length))
    this.#length = 0
  }
}
