/**
 * Split a message into the fields of its header and the rest, as its bytes arrive (spec §4.3).
 *
 * Only the header is kept; where it ends is known after one line more. A field is a byte string that holds all its
 * lines, each with its LF. Time is linear in the bytes, whatever the pieces and the lines are.
 */
import { Trouble } from '@yabumi/trouble'
import { fieldName } from './name.ts'

const lf = 10
const space = 32
const tab = 9
const lineEnd = Buffer.from('\n')
const nothing: Buffer = Buffer.alloc(0)

export class HeaderSplitter {
  /** Whether the header ended at a line that is no field, with no empty line in between. */
  brokenOff = false
  /** The fields that are complete so far. An mbox separator counts as a field named MBOX-Line. */
  readonly fields: string[] = []
  readonly #limitBytes: number
  #bytes: Buffer = nothing
  #length = 0
  /** Bytes of fields that are complete, which are kept no longer. */
  #passed = 0
  /** Where the field that still may be continued starts; undefined before the first one. */
  #field: number | undefined
  #line = 0

  /** @param limitBytes - how long the header may be, together with the line that ends it */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /**
   * Take the next piece of the message.
   *
   * @returns undefined while the header goes on; once it has ended, what follows it: an empty line, put in if the
   * message had none, and whatever came with this piece. Later pieces are no longer this object's business.
   * @throws Trouble 5.3.4 for a header beyond the limit
   */
  push(piece: Buffer): Buffer | undefined {
    this.#forget()
    let from = this.#length
    this.#append(piece)
    const bytes = this.#bytes.subarray(0, this.#length)
    for (;;) {
      const at = bytes.indexOf(lf, from)
      if (at < 0) break
      from = at + 1
      const rest = this.#takeLine(bytes, from)
      if (rest === undefined) continue
      this.#bytes = nothing
      return rest
    }
    this.#check(this.#length)
    return undefined
  }

  /** The message ends within its header. Its last line is ended if it was not. @returns as push */
  end(): Buffer | undefined {
    const rest = this.#line < this.#length ? this.push(lineEnd) : undefined
    if (rest === undefined) this.#finishField(this.#length)
    return rest
  }

  #takeLine(bytes: Buffer, end: number): Buffer | undefined {
    const start = this.#line
    this.#check(end)
    const first = bytes[start]
    if (this.#field !== undefined && (first === space || first === tab)) {
      this.#line = end
      return undefined
    }
    this.#finishField(start)
    // copies, so that the header need not stay in memory while the body passes
    if (end - start === 1) return Buffer.from(bytes.subarray(start))
    if (!beginsField(bytes.subarray(start, end))) {
      this.brokenOff = true
      return Buffer.concat([lineEnd, bytes.subarray(start)])
    }
    this.#field = start
    this.#line = end
    return undefined
  }

  #finishField(end: number): void {
    if (this.#field === undefined) return
    const text = this.#bytes.toString('latin1', this.#field, end)
    this.fields.push(text.startsWith('From ') ? `MBOX-Line: ${text}` : text)
    this.#field = undefined
  }

  /** Let go of the fields that are complete. What is left is moved once, however long it becomes. */
  #forget(): void {
    const done = this.#field ?? this.#line
    if (done === 0) return
    this.#bytes = this.#bytes.subarray(done, this.#length)
    this.#length -= done
    this.#line -= done
    if (this.#field !== undefined) this.#field = 0
    this.#passed += done
  }

  /** The buffer grows by doubling: a header of many pieces is not copied once for each. */
  #append(piece: Buffer): void {
    const length = this.#length + piece.length
    if (this.#length === 0) {
      this.#bytes = piece
    } else {
      if (length > this.#bytes.length) {
        const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length))
        this.#bytes.copy(larger, 0, 0, this.#length)
        this.#bytes = larger
      }
      piece.copy(this.#bytes, this.#length)
    }
    this.#length = length
  }

  #check(bytes: number): void {
    if (this.#passed + bytes > this.#limitBytes) throw new Trouble('5.3.4', `header is longer than ${this.#limitBytes} bytes (#5.3.4)`)
  }
}

function beginsField(line: Buffer): boolean {
  if (line.length >= 5 && line.toString('latin1', 0, 5) === 'From ') return true
  const colon = line.indexOf(':')
  return colon > 0 && fieldName(line.toString('latin1', 0, colon + 1)) !== undefined
}
