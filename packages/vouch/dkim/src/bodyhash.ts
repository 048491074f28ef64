/** Hashes of one body in the forms and lengths that its signatures want, in one pass over it. */
import { createHash, type Hash } from 'node:crypto'
import { type BodyForm, bodyForm, type Form } from './canonical.ts'
import type { HashName } from './signature.ts'

/** One hash, of the whole body in its form or of its first bytes. */
class Counted implements Sink {
  readonly #hash: Hash
  readonly #limit: number
  #left: number

  constructor(name: HashName, limit: number) {
    this.#hash = createHash(name)
    this.#limit = limit
    this.#left = limit
  }

  update(bytes: Buffer): void {
    if (this.#left > 0) this.#hash.update(bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes)
    this.#left -= bytes.length
  }

  /** The body has at least as many bytes as are to be hashed. */
  get isFull(): boolean {
    return this.#limit === Number.POSITIVE_INFINITY || this.#left <= 0
  }

  /** It has more, which are not hashed. */
  get leavesOut(): boolean {
    return this.#left < 0
  }

  digest(): Buffer {
    return this.#hash.copy().digest()
  }
}

export interface BodyHash {
  readonly digest: Buffer
  readonly isFull: boolean
  readonly leavesOut: boolean
}

/** Takes the canonical body in pieces. */
export interface Sink {
  update(bytes: Buffer): unknown
}

export class BodyHashes {
  readonly #hashes = new Map<string, Counted>()
  readonly #forms = new Map<Form, { readonly body: BodyForm; readonly sinks: Sink[] }>()

  /** Before the body comes: have a hash made. @param length - how many bytes of the canonical body; undefined for all */
  want(form: Form, name: HashName, length?: number): void {
    const key = keyOf(form, name, length)
    if (this.#hashes.has(key)) return
    const hash = new Counted(name, length ?? Number.POSITIVE_INFINITY)
    this.#hashes.set(key, hash)
    this.feed(form, hash)
  }

  /** Before the body comes: hand its canonical form to somebody else as well. */
  feed(form: Form, sink: Sink): void {
    const known = this.#forms.get(form)
    if (known !== undefined) {
      known.sinks.push(sink)
      return
    }
    const sinks = [sink]
    const emit = (bytes: Buffer): void => {
      for (const each of sinks) each.update(bytes)
    }
    this.#forms.set(form, { body: bodyForm(form, emit), sinks })
  }

  push(bytes: Buffer): void {
    for (const { body } of this.#forms.values()) body.push(bytes)
  }

  end(): void {
    for (const { body } of this.#forms.values()) body.end()
  }

  /** After the end: a hash that was wanted. */
  get(form: Form, name: HashName, length?: number): BodyHash {
    const hash = this.#hashes.get(keyOf(form, name, length)) as Counted
    return { digest: hash.digest(), isFull: hash.isFull, leavesOut: hash.leavesOut }
  }
}

function keyOf(form: Form, name: HashName, length: number | undefined): string {
  return `${form} ${name} ${length ?? 'all'}`
}
