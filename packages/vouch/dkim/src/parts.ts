/**
 * A message as the wire has it, with CRLF line ends: its header as fields, its body as bytes that pass.
 *
 * Memory  the header, up to its limit; nothing of the body
 * Bound   time is linear in the bytes
 */
import { fieldName } from '@yabumi/header'
import { checkedHeaderBytes, checkedHeaderFields } from '@yabumi/limits'

const headerEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

/** Who gets the parts. */
export interface PartsReader {
  /** The header is complete. @param fields - byte strings with their line ends, in order; undefined for a header beyond the limit */
  takeHeader(fields: readonly string[] | undefined): void
  /** Bytes of the body, good only until this returns. */
  takeBody(bytes: Buffer): void
}

export class MessageParts {
  readonly #reader: PartsReader
  #pieces: Buffer[] | undefined = []
  #length = 0
  /** The last bytes so far, in which the end of the header may have begun. */
  #tail: Buffer = lineEnd // so that an empty line at the very start ends it

  constructor(reader: PartsReader) {
    this.#reader = reader
  }

  push(bytes: Buffer): void {
    if (this.#pieces === undefined) {
      this.#reader.takeBody(bytes)
      return
    }
    const seam = Buffer.concat([this.#tail, bytes.subarray(0, headerEnd.length - 1)])
    const inSeam = seam.indexOf(headerEnd)
    const found = inSeam >= 0 ? inSeam - this.#tail.length : bytes.indexOf(headerEnd)
    if (inSeam < 0 && found < 0) {
      this.#keep(bytes)
      return
    }
    const end = found + headerEnd.length
    this.#keep(bytes.subarray(0, end))
    this.#finishHeader()
    if (end < bytes.length) this.#reader.takeBody(bytes.subarray(end))
  }

  /** The message has ended, perhaps within its header. */
  end(): void {
    if (this.#pieces !== undefined) this.#finishHeader()
  }

  #keep(bytes: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-headerEnd.length)]).subarray(1 - headerEnd.length)
    this.#length += bytes.length
    if (this.#length <= checkedHeaderBytes) this.#pieces?.push(Buffer.from(bytes))
  }

  #finishHeader(): void {
    const header = Buffer.concat(this.#pieces ?? []).toString('latin1')
    this.#pieces = undefined
    const fields = this.#length > checkedHeaderBytes ? undefined : fieldsOf(header)
    this.#reader.takeHeader(fields !== undefined && fields.length > checkedHeaderFields ? undefined : fields)
  }
}

/** Lines that begin with a blank go on with the field before them. The empty line at the end is none. */
function fieldsOf(header: string): string[] {
  return header
    .split(/\r\n(?![ \t])/)
    .filter((field) => field !== '')
    .map((field) => `${field}\r\n`)
}

/** The name of a field as it counts: in lower case, without blanks before its colon; empty for a line that is no field. */
export function nameOf(field: string): string {
  return fieldName(field)?.toLowerCase() ?? ''
}

/** The fields of a header by name, the lowest first to be taken, as signatures name them (RFC 6376 §5.4.2). */
export class FieldStacks {
  readonly #stacks = new Map<string, string[]>()

  constructor(fields: readonly string[]) {
    for (const field of fields) {
      const name = nameOf(field)
      const stack = this.#stacks.get(name)
      if (stack === undefined) this.#stacks.set(name, [field])
      else stack.push(field)
    }
  }

  /**
   * The fields that a list of names means, in its order. A name that has no field left means none.
   *
   * @param except - a field that is passed over: the signature itself
   */
  select(names: readonly string[], except?: string): string[] {
    const taken = new Map<string, number>()
    const selected: string[] = []
    for (const name of names) {
      const key = name.toLowerCase()
      const stack = this.#stacks.get(key) ?? []
      let at = taken.get(key) ?? stack.length - 1
      if (at >= 0 && except !== undefined && stack[at] === except) at -= 1
      if (at >= 0) selected.push(stack[at] as string)
      taken.set(key, at - 1)
    }
    return selected
  }

  /** How many fields have a name. */
  count(name: string): number {
    return this.#stacks.get(name)?.length ?? 0
  }
}
