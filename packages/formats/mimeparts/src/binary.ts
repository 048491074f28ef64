/**
 * BINARY: sections without their transfer encoding, and messages that come without (RFC 3516 §4).
 *
 * Of a message or multipart each part is decoded; its header then says `Content-Transfer-Encoding: binary`. A message
 * in a part has no encoding of its own (RFC 2045 §6.4), so one that says so stays as it is.
 *
 * Memory: what is asked for, as a whole.
 */
import type { Section } from '@yabumi/imapwire'
import { encodingOf, encodingWord } from './bodystructure.ts'
import { toCrlf } from './crlf.ts'
import type { Part } from './part.ts'
import { pickFields } from './pickfields.ts'
import { scanParts } from './scan.ts'
import { partOf, sectionExtent } from './section.ts'
import { decodeTransfer } from './transfer.ts'

/** Gives bytes of the message's file. */
type Read = (start: number, end: number) => Buffer

/** `bytes` may hold NUL. `trouble` is what BINARY is refused for: answer NO with UNKNOWN-CTE, or PARSE. */
export interface Binary {
  readonly bytes: Buffer
  readonly trouble: 'UNKNOWN-CTE' | 'PARSE' | undefined
}

/** A section's bytes, decoded. */
export function readBinary(root: Part, section: Section, read: Read): Binary {
  const { part: numbers, text } = section
  const part = partOf(root, numbers)
  if (part === undefined || text !== '') {
    const { start, end } = sectionExtent(root, section)
    return { bytes: toCrlf(read(start, end)), trouble: undefined }
  }
  const writer = new BinaryWriter(read)
  if (numbers.length === 0) writer.whole(part)
  else writer.body(part)
  return writer
}

/** How many bytes that is; 0 for a message that says it is encoded. */
export function binarySize(root: Part, section: Section, read: Read): number {
  const part = section.text === '' && section.part.length > 0 ? partOf(root, section.part) : undefined
  if (part?.kind === 'message' && encodingOf(part) !== 'identity') return 0
  return readBinary(root, section, read).bytes.length
}

/** A message whose binary parts are base64, so that they outlive a store of lines, which changes line ends. */
export function encodeBinary(message: Buffer): Buffer {
  const pieces: Buffer[] = []
  let from = 0
  for (const { header, body } of binaryParts(scanParts(message))) {
    const lines = message.toString('base64', body.start, body.end).replaceAll(/.{76}(?=.)/g, '$&\r\n')
    pieces.push(message.subarray(from, header.start), withEncoding(message.subarray(header.start, header.end), 'base64'))
    pieces.push(Buffer.from(`${lines}\r\n`, 'latin1'))
    from = body.end
  }
  return Buffer.concat([...pieces, message.subarray(from)])
}

function* binaryParts(part: Part): Generator<Part> {
  if (part.kind === 'leaf' && encodingWord(part)?.toLowerCase() === 'binary') yield part
  for (const child of part.children) yield* binaryParts(child)
}

/** A header that tells another encoding than before. */
function withEncoding(header: Buffer, encoding: 'base64' | 'binary'): Buffer {
  const others = pickFields(header, ['CONTENT-TRANSFER-ENCODING'], true)
  const hasEnd = others.length >= 2 && others.subarray(-2).equals(lineEnd)
  return Buffer.concat([hasEnd ? others.subarray(0, -2) : others, Buffer.from(`Content-Transfer-Encoding: ${encoding}\r\n\r\n`)])
}

class BinaryWriter implements Binary {
  readonly #read: Read
  readonly #pieces: Buffer[] = []
  trouble: Binary['trouble']

  constructor(read: Read) {
    this.#read = read
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  whole(part: Part): void {
    const header = this.#crlf(part.header.start, part.header.end)
    const isEncoded = part.kind === 'leaf' && encodingOf(part) !== 'identity'
    this.#pieces.push(isEncoded ? withEncoding(header, 'binary') : header)
    this.body(part)
  }

  body(part: Part): void {
    const { start, end } = part.body
    if (part.kind !== 'leaf') {
      let at = start
      for (const child of part.children) {
        this.#pieces.push(this.#crlf(at, child.header.start))
        this.whole(child)
        at = child.body.end
      }
      this.#pieces.push(this.#crlf(at, end))
      return
    }
    const encoding = encodingOf(part)
    const { bytes, isBroken } = decodeTransfer(this.#crlf(start, end), encoding)
    if (isBroken) this.trouble ??= encoding === 'unknown' ? 'UNKNOWN-CTE' : 'PARSE'
    this.#pieces.push(bytes)
  }

  /** NUL stays. */
  #crlf(start: number, end: number): Buffer {
    return toCrlf(this.#read(start, end), true)
  }
}

const lineEnd = Buffer.from('\r\n')
