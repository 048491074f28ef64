/**
 * What a header says to a program that passes it on: how many hosts it has passed through, and its Message-ID.
 *
 * Memory  those two, and of a line no more than is looked at
 */
import { messageIdLineBytes } from '@yabumi/limits'

const LF = 10
const CR = 13
const r = 0x72
const d = 0x64
const m = 0x6d
const hopBytes = 9
const idField = 'message-id:'

/**
 * The header of one message, as it passes.
 *
 * The hops are the lines that each host leaves: those that begin with `received` or `delivered`, in any case (spec §5.1).
 */
export class PassingHeader {
  /** How many there were so far, up to the first empty line. */
  hops = 0
  /** The first Message-ID with its angle brackets, a byte string, cut if its line is long; undefined without one so far. */
  messageId: string | undefined
  #inHeader = true
  /** The first bytes of a line whose end has not come; never more than what is looked at. */
  #begun = ''
  /** The Message-ID is on the next line, if that goes on with this field (RFC 5322 §2.2.3). */
  #isFolded = false

  /** The next bytes of a message whose lines end in LF. */
  push(bytes: Buffer): void {
    for (let start = 0; this.#inHeader && start < bytes.length; ) {
      const end = bytes.indexOf(LF, start)
      if (end < 0) {
        this.part(bytes, start, bytes.length)
        return
      }
      this.line(bytes, start, end)
      start = end + 1
    }
  }

  /** A line, or the last part of one, without its LF at `end`. */
  line(bytes: Buffer, start: number, end: number): void {
    if (!this.#inHeader) return
    if (this.#begun === '') {
      if (end === start || (end === start + 1 && bytes[start] === CR)) {
        this.#inHeader = false
        return
      }
      const first = (bytes[start] as number) | 0x20
      if (first !== r && first !== d && first !== m && !this.#isFolded) return
    }
    this.part(bytes, start, end)
    const begun = this.#begun
    this.#begun = ''
    if (begun === '\r') this.#inHeader = false
    else this.#take(begun)
  }

  /** The beginning of a line whose end has not come. */
  part(bytes: Buffer, start: number, end: number): void {
    if (!this.#inHeader) return
    const first = (this.#begun === '' ? (bytes[start] as number) : this.#begun.charCodeAt(0)) | 0x20
    const wanted = (first === m || this.#isFolded ? messageIdLineBytes : hopBytes) - this.#begun.length
    if (wanted > 0) this.#begun += bytes.toString('latin1', start, Math.min(end, start + wanted))
  }

  /** A line that may be one of ours, as far as it is looked at. */
  #take(begun: string): void {
    const wasFolded = this.#isFolded
    this.#isFolded = false
    if (wasFolded && /^[ \t]/.test(begun)) this.#takeId(begun)
    else {
      const start = begun.slice(0, hopBytes).toLowerCase()
      if (start.startsWith('received') || start === 'delivered') this.hops += 1
      else if (start === 'message-i' && this.messageId === undefined && begun.slice(0, idField.length).toLowerCase() === idField)
        this.#takeId(begun.slice(idField.length))
    }
  }

  #takeId(value: string): void {
    this.messageId = /^\s*(<[^<>\r]*>?)/.exec(value)?.[1]
    this.#isFolded = this.messageId === undefined && /^\s*$/.test(value)
  }
}
