const LF = 10
const CR = 13

/** Counts the lines of a header that each pass through a host leaves: those that begin with `received` or `delivered`, in any case (spec §5.1). */
export class HopCounter {
  /** How many there were so far, up to the first empty line. */
  hops = 0
  #inHeader = true
  /** The first bytes of a line whose end has not come; never more than the longer of the two words. */
  #begun = ''

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
      if (first !== 0x72 && first !== 0x64) return // r, d
    }
    this.part(bytes, start, end)
    const begun = this.#begun.toLowerCase()
    this.#begun = ''
    if (begun === '\r') this.#inHeader = false
    else if (begun.startsWith('received') || begun === 'delivered') this.hops += 1
  }

  /** The beginning of a line whose end has not come. */
  part(bytes: Buffer, start: number, end: number): void {
    const wanted = 9 - this.#begun.length
    if (this.#inHeader && wanted > 0) this.#begun += bytes.toString('latin1', start, Math.min(end, start + wanted))
  }
}
