/**
 * Messages as programs write them that are not quite right. They have a byte order mark or the `>From ` line of an mbox
 * before the header, or lines that end in CR LF. None of these bytes is part of the message.
 */

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const quotedFrom = Buffer.from('>From ')
const lf = 10
const cr = 13
const nothing: Buffer = Buffer.alloc(0)
/** A first line that is longer has neither mark. */
const longestFront = 1_000

/** The pieces of a message, without what should not be in front, and without the CR of each line end as long as every line has one. */
export async function* opened(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const bytes of changed(pieces)) if (bytes.length > 0) yield bytes
}

async function* changed(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const ends = new LineEnds()
  let front: Buffer | undefined = nothing
  for await (const piece of pieces) {
    if (front === undefined) yield ends.take(piece)
    else {
      front = Buffer.concat([front, piece])
      if (front.indexOf(lf) < 0 && front.length < longestFront) continue
      yield ends.take(withoutMarks(front))
      front = undefined
    }
  }
  if (front !== undefined) yield ends.take(withoutMarks(front))
  yield ends.rest
}

function withoutMarks(front: Buffer): Buffer {
  const text = startsWith(front, byteOrderMark) ? front.subarray(byteOrderMark.length) : front
  return startsWith(text, quotedFrom) ? text.subarray(text.indexOf(lf) + 1) : text
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start)
}

/** Drops the CR in front of each LF until there is a LF without one. */
class LineEnds {
  #allHave = true
  /** A CR at the end of a piece, whose LF may come with the next. */
  #held: Buffer = nothing

  get rest(): Buffer {
    return this.#held
  }

  take(piece: Buffer): Buffer {
    if (!this.#allHave) return piece
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece])
    const end = bytes.at(-1) === cr ? bytes.length - 1 : bytes.length
    const out = Buffer.allocUnsafe(bytes.length)
    let [from, length] = [0, 0]
    for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
      this.#allHave = bytes[at - 1] === cr
      if (!this.#allHave) break
      length += bytes.copy(out, length, from, at - 1)
      from = at
    }
    const last = this.#allHave ? end : bytes.length
    length += bytes.copy(out, length, from, last)
    this.#held = Buffer.from(bytes.subarray(last))
    return out.subarray(0, length)
  }
}
