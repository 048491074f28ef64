/** What has to change in a message so that it has no byte above 127 in its body. */
import { mimeParts } from '@yabumi/limits'
import { type Hearer, type MimeFields, MimeReader, type Part } from './reader.ts'

export type Encoding = 'quoted-printable' | 'base64'

export interface Plan {
  /** How each part with such bytes is to be encoded, by its index. */
  readonly encodings: ReadonlyMap<number, Encoding>
  /** Whether anything has to change. */
  readonly isNeeded: boolean
  /** Multiparts without a part: they are sent as plain text. */
  readonly partless: ReadonlySet<number>
}

const high = /[\x80-\xff]/
/** Encodings that change nothing, so a part can have another one. */
const plain = new Set(['', '7bit', '8bit', 'binary'])

/** Give it all of the message, then ask for the plan. */
export class DowngradeScan implements Hearer {
  readonly #reader = new MimeReader(this)
  readonly #encodings = new Map<number, Encoding>()
  /** Multiparts whose boundary has not come; and those in which bytes above 127 stand where no part is. */
  readonly #partless = new Map<number, boolean>()
  #isPossible = true
  /** The multipart before whose first part the reader is; -1: it is elsewhere. */
  #multipart = -1
  #isHighBetween = false

  push(piece: Buffer): void {
    this.#reader.push(piece)
  }

  /** @returns undefined if the message cannot be changed: what is signed or encrypted has such bytes, or an encoding that is not known */
  plan(): Plan | undefined {
    this.#reader.end()
    if (!this.#isPossible) return undefined
    const partless = [...this.#partless].filter(([, isHigh]) => isHigh).map(([index]) => index)
    const encodings = new Map([...this.#encodings, ...partless.map((index) => [index, 'quoted-printable'] as const)])
    return { isNeeded: encodings.size > 0 || this.#isHighBetween, encodings, partless: new Set(partless) }
  }

  header(): void {}

  headerEnd(part: Part, _fields: MimeFields, _blank: string): void {
    if (part.index >= mimeParts) this.#isPossible = false
    if (part.kind !== 'multipart') return
    this.#multipart = part.index
    this.#partless.set(part.index, false)
  }

  body(part: Part, fragment: string): void {
    if (this.#encodings.has(part.index) || !this.#isPossible || !high.test(fragment)) return
    const encoding = encodingFor(part)
    if (encoding === undefined) this.#isPossible = false
    else this.#encodings.set(part.index, encoding)
  }

  between(fragment: string): void {
    if (!high.test(fragment)) return
    this.#isHighBetween = true
    if (this.#partless.has(this.#multipart)) this.#partless.set(this.#multipart, true)
  }

  boundary(_line: string, multipart: number): void {
    this.#partless.delete(multipart)
    this.#multipart = -1
  }

  end(): void {}
}

/** @returns undefined if it must stay as it is */
function encodingFor({ kind, type, encoding }: Part): Encoding | undefined {
  if (kind === 'opaque') return undefined
  if (encoding === 'quoted-printable' || encoding === 'base64') return encoding
  if (!plain.has(encoding) || (type.startsWith('message/') && !type.startsWith('message/global'))) return undefined
  return type === '' || type.startsWith('text/') || type.startsWith('multipart/') || type.startsWith('message/')
    ? 'quoted-printable'
    : 'base64'
}
