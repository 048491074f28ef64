/**
 * A stored message as POP3 sends it (RFC 1939 §3, spec §6.3). LF becomes CR LF, and a dot at the start of a line is
 * doubled.
 */

const LF = 10
const CR = 13
const DOT = 46

/** The most bytes that one byte of a message, or the end of one, can become. */
export const growth = 2
export const endBytes = 7

export class Encoder {
  #linesLeft: number
  #atLineStart = true
  #inHeader = true
  /** Whether all lines that were asked for have been encoded. */
  full = false

  /** @param bodyLines - how many lines of the body; Infinity for all */
  constructor(bodyLines: number) {
    this.#linesLeft = bodyLines
  }

  /**
   * Encode the next bytes of the message, a line at a time: that is three times as fast as byte by byte.
   *
   * @param from - of which `length` bytes count
   * @returns the place in `to` behind the last byte written
   */
  encode(from: Buffer, length: number, to: Buffer, at: number): number {
    let place = at
    for (let start = 0; start < length; ) {
      if (this.#atLineStart) {
        const first = from[start] as number
        if (!this.#startLine(first)) break
        if (first === DOT) {
          to[place] = DOT
          place += 1
        }
      }
      const found = from.indexOf(LF, start)
      this.#atLineStart = found >= 0 && found < length
      const end = this.#atLineStart ? found : length
      from.copy(to, place, start, end)
      place += end - start
      if (this.#atLineStart) {
        to[place] = CR
        to[place + 1] = LF
        place += 2
      }
      start = end + 1
    }
    return place
  }

  /** What follows the message: the end of an unfinished last line, the empty line that qmail always adds, the dot. */
  end(): string {
    return this.#atLineStart ? '\r\n.\r\n' : '\r\n\r\n.\r\n'
  }

  /** @returns false if this line is not wanted any more */
  #startLine(firstByte: number): boolean {
    if (this.#inHeader) {
      if (firstByte === LF) this.#inHeader = false
      return true
    }
    if (this.#linesLeft === 0) {
      this.full = true
      return false
    }
    this.#linesLeft -= 1
    return true
  }
}
