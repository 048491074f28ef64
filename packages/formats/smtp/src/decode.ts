/**
 * The message that a client sends between DATA and the final dot, as the queue has it (spec §5.1, RFC 5321 §4.5.2).
 *
 * CR LF becomes LF; a dot at the start of a line is dropped; CR LF . CR LF and nothing else ends the data. An LF
 * without a CR before it stops the session. A host may take `LF . LF` for an end of data where the next one does not.
 * It could be made to pass on a second, smuggled message. A CR without an LF after it is an ordinary byte.
 *
 * In the chunks of BDAT (RFC 3030 §2) bytes are counted: a dot means nothing, and only end() ends the data. All else
 * holds for them as well, because what is stored leaves with DATA.
 *
 * This is the hot path of smtpd. Lines are moved within the chunk they came in: decoding only ever makes them shorter.
 */
import { PassingHeader } from '@yabumi/header'

const LF = 10
const CR = 13
const dot = 46
const nothing = Buffer.alloc(0)
const lineEnd = Buffer.from([LF])

/** How the data stands after a chunk: more must come, it has ended, or it had an LF that is no line end. */
export type DataState = 'open' | 'ended' | 'bare-lf'

export class DataDecoder {
  #state: DataState = 'open'
  #atLineStart = true
  readonly #isCounted: boolean
  /** The last bytes of a chunk that mean nothing until the next has come: CR, dot, or dot CR. */
  #undecided: Buffer = nothing
  #rest: Buffer = nothing
  /** Counts on the wire's lines, before the dots are dropped, as the reference does. */
  readonly #header = new PassingHeader()

  /** @param framing - what ends the data: the dot of DATA, or end() */
  constructor(framing: 'dot' | 'counted' = 'dot') {
    this.#isCounted = framing === 'counted'
  }

  get state(): DataState {
    return this.#state
  }

  /** The header lines that begin with `received` or `delivered`, up to the first empty line. */
  get hops(): number {
    return this.#header.hops
  }

  /** The Message-ID; undefined where the header has none so far. */
  get messageId(): string | undefined {
    return this.#header.messageId
  }

  /** What came behind the end of the data. */
  get rest(): Buffer {
    return this.#rest
  }

  /** The message's bytes in the next chunk, which is overwritten with them. Ask for the state afterwards. */
  decode(chunk: Buffer): Buffer {
    const bytes = this.#undecided.length === 0 ? chunk : Buffer.concat([this.#undecided, chunk])
    this.#undecided = nothing
    let length = 0
    let position = 0
    while (position < bytes.length) {
      const lineStart = position
      if (this.#atLineStart && !this.#isCounted && bytes[position] === dot) {
        position = this.#readDot(bytes, position)
        if (position < 0) break
      }
      const end = bytes.indexOf(LF, position)
      if (end < 0) return this.#endChunk(bytes, lineStart, position, length)
      if (end === position || bytes[end - 1] !== CR) {
        this.#state = 'bare-lf'
        break
      }
      this.#header.line(bytes, lineStart, end)
      if (length !== position) bytes.copyWithin(length, position, end - 1)
      length += end - 1 - position
      bytes[length++] = LF
      this.#atLineStart = true
      position = end + 1
    }
    return bytes.subarray(0, length)
  }

  /** Counted data is complete. @returns what is left of it; its last line gets an end, as no message leaves without */
  end(): Buffer {
    const rest = this.#atLineStart && this.#undecided.length === 0 ? nothing : Buffer.concat([this.#undecided, lineEnd])
    this.#undecided = nothing
    this.#state = 'ended'
    return rest
  }

  /** Look behind the dot at the start of a line. @returns where the line's text starts, or -1 if there is no such line */
  #readDot(bytes: Buffer, at: number): number {
    const second = bytes[at + 1]
    if (second === LF) this.#state = 'bare-lf'
    else if (second === undefined) this.#undecided = bytes.subarray(at)
    else if (second !== CR) return at + 1
    else if (bytes[at + 2] === undefined) this.#undecided = bytes.subarray(at)
    else if (bytes[at + 2] !== LF) return at
    else {
      this.#state = 'ended'
      this.#rest = bytes.subarray(at + 3)
    }
    return -1
  }

  /** The chunk ends within a line: keep its text but for a CR, whose LF may be the next byte. */
  #endChunk(bytes: Buffer, lineStart: number, position: number, length: number): Buffer {
    const stop = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length
    if (stop < bytes.length) this.#undecided = Buffer.from([CR])
    if (stop > lineStart) {
      this.#header.part(bytes, lineStart, stop)
      this.#atLineStart = false
    }
    bytes.copyWithin(length, position, stop)
    return bytes.subarray(0, length + stop - position)
  }
}
