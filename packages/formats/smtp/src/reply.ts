/**
 * The replies of an SMTP server, read as they arrive (spec §2.8.5, RFC 5321 §4.2).
 *
 * It is strict where a mistake would be taken for a verdict. Each line is three digits, and after them nothing, a
 * hyphen or a blank; all lines of a reply have one code. It is forgiving where a mistake cannot be: a bare LF ends a
 * line. What a hostile server sends costs no more memory than the limits say.
 */
import { remoteTextBytes, replyBytes, replyLineBytes, replyLines } from '@yabumi/limits'

export interface Reply {
  /** Three digits: 220, but also 000 if the server says so. */
  readonly code: number
  /** Every line of the reply as a byte string, code included, LF kept, CR removed, other control characters as `?`, cut at the limit. */
  readonly text: string
}

const LF = 10
const zero = 48
/** Control characters would be at work in the terminal of whoever reads a report; C1 ones too. */
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Give it the bytes as they come with push(), take whole replies with next(). */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0)
  /** The beginning of a line whose end has not come. */
  #line = ''
  /** Of the reply under way: its code, the lines and bytes so far, and what is kept of them. */
  #code = 0
  #lines = 0
  #size = 0
  #text = ''
  #fault: string | undefined

  /** Whether there is anything that next() has not given out, be it the beginning of a reply. */
  get unread(): boolean {
    return this.#bytes.length > 0 || this.#line !== '' || this.#lines > 0 || this.#fault !== undefined
  }

  /** What is wrong with what came, once next() has found that: there will be no reply any more. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** What there is of the reply under way, in the form of a reply's text. */
  get beginning(): string {
    return this.#text
  }

  /** Add bytes from the server. The buffer belongs to the reader until next() has returned undefined. */
  push(chunk: Buffer): void {
    if (this.#fault !== undefined) return // nobody will read it
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
  }

  /** The next whole reply; undefined if it has not arrived yet, or never will because of a fault. */
  next(): Reply | undefined {
    let position = 0
    let reply: Reply | undefined
    while (reply === undefined && position < this.#bytes.length) {
      const end = this.#bytes.indexOf(LF, position)
      const stop = end < 0 ? this.#bytes.length : end
      this.#line += this.#bytes.toString('latin1', position, Math.min(stop, position + replyLineBytes + 1))
      position = stop + 1
      if (this.#line.length > replyLineBytes) this.#fail('a line without end')
      else if (end >= 0) reply = this.#take()
    }
    this.#bytes = this.#bytes.subarray(position)
    return reply
  }

  /** A line is whole. @returns the reply that it ends */
  #take(): Reply | undefined {
    this.#lines += 1
    this.#size += this.#line.length + 1
    this.#clean()
    const code = codeOf(this.#line)
    const mark = this.#line[3]
    if (code < 0 || !(mark === undefined || mark === ' ' || mark === '-' || mark === '\t')) return this.#fail('a line that is no reply')
    if (this.#lines === 1) this.#code = code
    if (code !== this.#code) return this.#fail('a reply whose codes differ')
    if (this.#lines > replyLines || this.#size > replyBytes) return this.#fail('a reply without end')
    this.#keep()
    if (mark === '-') return undefined
    const reply = { code, text: this.#text }
    this.#lines = 0
    this.#size = 0
    this.#text = ''
    return reply
  }

  #fail(fault: string): undefined {
    this.#clean()
    this.#keep()
    this.#fault = fault
    this.#bytes = Buffer.alloc(0)
  }

  #clean(): void {
    if (this.#line.endsWith('\r')) this.#line = this.#line.slice(0, -1)
    if (this.#line.search(control) >= 0) this.#line = this.#line.replaceAll('\r', '').replace(control, '?')
  }

  #keep(): void {
    const room = remoteTextBytes - this.#text.length
    if (room > 0) this.#text += `${this.#line}\n`.slice(0, room)
    this.#line = ''
  }
}

/** The three digits that a line begins with; negative if there are none. */
function codeOf(line: string): number {
  let code = 0
  for (let at = 0; at < 3; at += 1) {
    const digit = line.charCodeAt(at) - zero
    if (!(digit >= 0 && digit <= 9)) return -1
    code = 10 * code + digit
  }
  return code
}
