/**
 * The command lines of a client of SMTP or POP3, read as they arrive (spec §5.1, §6.3, RFC 5321 §2.4).
 *
 * A line ends with LF; one CR before it belongs to the line end. Nothing after the last line is ever copied twice. So a
 * client that sends byte by byte costs no more than its bytes. What it may make us keep is `commandLineBytes`.
 */
import { commandLineBytes } from '@yabumi/limits'

const LF = 10
const nothing = Buffer.alloc(0)
const smallestStore = 256

/** Stands for a line longer than `commandLineBytes`; its text is gone. */
export const tooLong: unique symbol = Symbol('line too long')

/** Give it the bytes as they come with push(), take lines with next(), and what follows DATA with takeRest(). */
export class CommandLines {
  #chunk: Buffer = nothing
  #position = 0
  /** The first part of a line whose end has not arrived, in the first #kept bytes. */
  #store: Buffer = nothing
  #kept = 0
  #overflowed = false

  /** Add bytes from the client; the lines in what was pushed before must have been taken. */
  push(chunk: Buffer): void {
    this.#chunk = chunk
    this.#position = 0
  }

  /** The next line as a byte string without its end; undefined if it has not arrived yet. */
  next(): string | typeof tooLong | undefined {
    const start = this.#position
    const end = this.#chunk.indexOf(LF, start)
    if (end < 0) {
      this.#keep(this.#chunk.subarray(start))
      this.push(nothing) // an idle client holds no chunk
      return undefined
    }
    this.#position = end + 1
    if (this.#kept === 0 && !this.#overflowed) {
      return end - start > commandLineBytes ? tooLong : lineText(this.#chunk, start, end)
    }
    this.#keep(this.#chunk.subarray(start, end))
    return this.#takeKept()
  }

  /** Whether the line that has begun to arrive is longer than `commandLineBytes` already. */
  get isTooLong(): boolean {
    return this.#overflowed
  }

  /** How many bytes are there behind the last line taken. */
  get unread(): number {
    return this.#chunk.length - this.#position
  }

  /** The bytes behind the last line taken. They are the caller's; push() gives back what is not the message's. */
  takeRest(): Buffer {
    const rest = this.#chunk.subarray(this.#position)
    this.push(nothing)
    return rest
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return
    const length = this.#kept + part.length
    if (this.#overflowed || length > commandLineBytes) {
      this.#overflowed = true
      this.#store = nothing
      this.#kept = 0
      return
    }
    if (length > this.#store.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(smallestStore, 2 * length))
      this.#store.copy(larger, 0, 0, this.#kept)
      this.#store = larger
    }
    part.copy(this.#store, this.#kept)
    this.#kept = length
  }

  #takeKept(): string | typeof tooLong {
    const line = this.#overflowed ? tooLong : lineText(this.#store, 0, this.#kept)
    this.#store = nothing
    this.#kept = 0
    this.#overflowed = false
    return line
  }
}

function lineText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end > start && bytes[end - 1] === 13 ? end - 1 : end)
}

/** A line's verb in lower case, and its argument without the spaces before it. */
export interface Command {
  readonly verb: string
  readonly argument: string
}

/** Split a line at its first space; a tab is no space (spec §5.1). */
export function parseCommand(line: string): Command {
  const space = line.indexOf(' ')
  if (space < 0) return { verb: line.toLowerCase(), argument: '' }
  let start = space + 1
  while (line[start] === ' ') start += 1
  return { verb: line.slice(0, space).toLowerCase(), argument: line.slice(start) }
}
