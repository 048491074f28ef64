/**
 * Quoting of lines that would look like the start of a message. `>` goes before every line of zero or more `>` followed
 * by `From ` (spec §2.7.5, mbox).
 *
 * It works piece by piece and holds back at most four bytes, whatever the lines look like. At the end of the `>`s of a
 * line one more is the same as one more before them. So those never have to wait.
 */

const from = Buffer.from('From ')
const gt = 0x3e
const lf = 0x0a
const quote = Buffer.from('>')

export class FromQuoter {
  /** Whether everything since the last line end was `>`: here a `From ` would count. */
  #atStart = true
  /** How many bytes of `From ` the last piece ended with, there where they count. */
  #matched = 0
  #endsLine = true

  /** What to write for the next piece of the message; parts of the piece itself, not copies. */
  push(piece: Buffer): Buffer[] {
    const output: Buffer[] = []
    let position = 0 // first byte not looked at
    let written = 0 // first byte not in the output
    if (piece.length > 0) this.#endsLine = piece[piece.length - 1] === lf
    while (position < piece.length) {
      if (!this.#atStart) {
        const end = piece.indexOf(lf, position)
        if (end < 0) break
        position = end + 1
        this.#atStart = true
      }
      while (this.#matched === 0 && piece[position] === gt) position += 1
      const matchedBefore = this.#matched
      const start = position
      while (this.#matched < from.length && position < piece.length && piece[position] === from[this.#matched]) {
        position += 1
        this.#matched += 1
      }
      if (this.#matched < from.length && position === piece.length) {
        output.push(piece.subarray(written, start)) // the rest of the piece is held back
        return output
      }
      if (this.#matched === from.length) {
        output.push(piece.subarray(written, start), quote, from.subarray(0, matchedBefore))
        written = start
      } else if (matchedBefore > 0) {
        output.push(from.subarray(0, matchedBefore)) // held back, and not `From ` after all
      }
      this.#atStart = false
      this.#matched = 0
    }
    output.push(piece.subarray(written))
    return output
  }

  /** What was held back, and the line end that the last line lacks. Nothing for an empty message. */
  end(): Buffer {
    const rest = from.subarray(0, this.#matched)
    return this.#endsLine ? rest : Buffer.concat([rest, Buffer.from('\n')])
  }
}
