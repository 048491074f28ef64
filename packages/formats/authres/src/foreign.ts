/**
 * Takes out of a message what others say in our name (RFC 8601 §5): whole fields Authentication-Results that begin
 * with our authserv-id. Those of others stay, and so does every other byte.
 *
 * Memory  one such field at a time, up to a limit; a longer one is taken out, whoever has made it
 * Bound   time is linear in the bytes, whatever the pieces and the lines are
 */
import { domainToASCII } from 'node:url'
import { resultsFieldBytes } from '@yabumi/limits'
import { readId } from './read.ts'

const LF = 10
const name = 'authentication-results'
/** What the empty line and such a field begin with. */
const firsts = Buffer.from('\nAa')
const nothing: Buffer = Buffer.alloc(0)

/**
 * Whether such a field speaks in the name of a host. Neither case counts, nor whether labels are U-labels or A-labels.
 *
 * @param value - the body of the field, a byte string
 */
export function speaksFor(host: string, value: string): boolean {
  return plainName(readId(value)) === plainName(host)
}

function plainName(id: string): string {
  const ascii = /[\x80-\xff]/.test(id) ? domainToASCII(Buffer.from(id, 'latin1').toString('utf8')) : id
  return (ascii || id).toLowerCase().replace(/\.$/, '')
}

export class ForeignResults {
  readonly #host: string
  /** At the beginning of a line; within a line that passes; in a field that may be ours, within a line or behind one; behind the header. */
  #state: 'line' | 'passing' | 'field' | 'field line' | 'body' = 'line'
  /** What is kept back: of a line that may begin such a field, or that field. */
  readonly #kept: Buffer[] = []
  #keptBytes = 0
  readonly #passed: Buffer[] = []
  #forged = 0

  /** @param host - our authserv-id */
  constructor(host: string) {
    this.#host = host
  }

  /** How many fields were taken out. */
  get forged(): number {
    return this.#forged
  }

  get #isBehindHeader(): boolean {
    return this.#state === 'body'
  }

  /** @param piece - the next of the message, whose lines end with LF. @returns what of it goes on; perhaps the piece itself */
  push(piece: Buffer): Buffer {
    if (this.#isBehindHeader) return piece
    for (let at = 0; at < piece.length; ) {
      const lineEnd = piece.indexOf(LF, at) + 1
      const end = lineEnd === 0 ? piece.length : lineEnd
      this.#take(piece.subarray(at, end), lineEnd > 0)
      at = end
      if (!this.#isBehindHeader) continue
      this.#passed.push(piece.subarray(at))
      break
    }
    return this.#takePassed()
  }

  /** The message has ended. @returns what is left of it */
  end(): Buffer {
    if (this.#state === 'field' || this.#state === 'field line') this.#finishField()
    else this.#passed.push(...this.#kept.splice(0))
    return this.#takePassed()
  }

  /** @param part - of a line, up to its end or less */
  #take(part: Buffer, ends: boolean): void {
    if (this.#state === 'field line' && part[0] !== 32 && part[0] !== 9) this.#finishField()
    if (this.#state === 'passing') this.#pass(part, ends)
    else if (this.#state === 'line') this.#takeLine(part, ends)
    else this.#keep(part, ends ? 'field line' : 'field')
  }

  #takeLine(part: Buffer, ends: boolean): void {
    if (this.#kept.length === 0 && !firsts.includes(part[0] as number)) {
      this.#pass(part, ends)
      return
    }
    const start = Buffer.concat([...this.#kept, part.subarray(0, name.length + 1)]).toString('latin1', 0, name.length + 1)
    const isName = start.slice(0, name.length).toLowerCase() === name.slice(0, start.length)
    if (start === '\n') {
      this.#pass(part, ends)
      this.#state = 'body'
    } else if (isName && start.length <= name.length && !ends) this.#keep(part, 'line')
    else if (isName && ' \t:'.includes(start[name.length] ?? '\n')) this.#keep(part, ends ? 'field line' : 'field')
    else this.#pass(part, ends)
  }

  #pass(part: Buffer, ends: boolean): void {
    this.#passed.push(...this.#kept.splice(0), part)
    this.#keptBytes = 0
    this.#state = ends ? 'line' : 'passing'
  }

  #keep(part: Buffer, state: 'line' | 'field' | 'field line'): void {
    this.#state = state
    this.#keptBytes += part.length
    if (this.#keptBytes <= resultsFieldBytes) this.#kept.push(Buffer.from(part))
  }

  #finishField(): void {
    const isWhole = this.#keptBytes <= resultsFieldBytes
    const field = Buffer.concat(this.#kept.splice(0))
    this.#keptBytes = 0
    this.#state = 'line'
    const text = field.toString('latin1')
    const colon = text.indexOf(':')
    const isField = colon >= 0 && /^[ \t]*$/.test(text.slice(name.length, colon))
    if (isWhole && (!isField || !speaksFor(this.#host, text.slice(colon + 1)))) this.#passed.push(field)
    else this.#forged += 1
  }

  #takePassed(): Buffer {
    const passed = this.#passed.splice(0)
    return passed.length === 1 ? (passed[0] as Buffer) : passed.length === 0 ? nothing : Buffer.concat(passed)
  }
}
