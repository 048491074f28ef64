/** The message without bytes above 127 in its body, as a plan of DowngradeScan has it. */
import { Base64, Base64Only, type BodyEncoder, QuotedHigh, QuotedPrintable } from './encoders.ts'
import { type Hearer, type MimeFields, MimeReader, type Part } from './reader.ts'
import type { Plan } from './scan.ts'

export class Downgrade implements Hearer {
  readonly #reader: MimeReader
  readonly #plan: Plan
  #out = ''
  #encoder: BodyEncoder | undefined

  constructor(plan: Plan) {
    this.#plan = plan
    this.#reader = new MimeReader(this, plan.partless)
  }

  /** What the next piece of the message becomes. */
  push(piece: Buffer): Buffer {
    this.#reader.push(piece)
    return this.#takeOut()
  }

  /** What is left when the message has ended. */
  finish(): Buffer {
    this.#reader.end()
    return this.#takeOut()
  }

  header(line: string): void {
    this.#out += line
  }

  headerEnd(part: Part, fields: MimeFields, blank: string): void {
    const wanted = this.#plan.encodings.get(part.index)
    const holds = part.kind === 'multipart' || part.kind === 'message'
    const isTop = part.index === 0
    this.#out += fields.version ?? (isTop ? 'MIME-Version: 1.0\n' : '')
    const isText = this.#plan.partless.has(part.index) || (isTop && fields.contentType === undefined && wanted !== undefined)
    this.#out += isText ? 'Content-Type: text/plain; charset=unknown-8bit\n' : (fields.contentType ?? '')
    if (wanted !== undefined) this.#out += `Content-Transfer-Encoding: ${wanted}\n`
    else if (holds && (part.encoding === '8bit' || part.encoding === 'binary')) this.#out += 'Content-Transfer-Encoding: 7bit\n'
    else this.#out += fields.encoding ?? ''
    this.#out += blank
    this.#encoder = wanted === undefined ? undefined : encoderFor(part, wanted)
  }

  body(_part: Part, fragment: string): void {
    this.#out += this.#encoder === undefined ? fragment : this.#encoder.push(fragment)
  }

  /** Nobody reads it (RFC 2046 §5.1.1), so its meaning is not kept. */
  between(fragment: string): void {
    this.#out += fragment.replace(/[\x80-\xff]/g, '?')
  }

  boundary(line: string): void {
    this.#endBody(true)
    this.#out += line
  }

  end(): void {
    this.#endBody(false)
  }

  #endBody(before: boolean): void {
    this.#out += this.#encoder?.end(before) ?? ''
    this.#encoder = undefined
  }

  #takeOut(): Buffer {
    const bytes = Buffer.from(this.#out, 'latin1')
    this.#out = ''
    return bytes
  }
}

function encoderFor({ encoding }: Part, wanted: 'quoted-printable' | 'base64'): BodyEncoder {
  if (encoding === wanted) return wanted === 'base64' ? new Base64Only() : new QuotedHigh()
  return wanted === 'base64' ? new Base64() : new QuotedPrintable()
}
