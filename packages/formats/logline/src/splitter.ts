/**
 * Splits a text that arrives in any pieces into lines. One that is too long comes in pieces of its own, so that no more
 * than that is ever kept.
 */
export class LineSplitter {
  readonly #longest: number
  #rest = ''

  /** @param longest - in bytes, without its end */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** @param text - byte string. @returns the lines that are whole by now, without their ends */
  push(text: string): string[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    const whole = lines.flatMap((line) => this.#pieces(line))
    if (this.#rest.length <= this.#longest) return whole
    const pieces = this.#pieces(this.#rest)
    this.#rest = pieces.pop() ?? ''
    return [...whole, ...pieces]
  }

  /** @returns what came after the end of the last line */
  end(): string[] {
    return this.#rest === '' ? [] : [this.#rest]
  }

  #pieces(line: string): string[] {
    if (line.length <= this.#longest) return [line]
    const pieces: string[] = []
    for (let at = 0; at < line.length; at += this.#longest) pieces.push(line.slice(at, at + this.#longest))
    return pieces
  }
}
