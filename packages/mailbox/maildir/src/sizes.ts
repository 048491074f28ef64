/** Sizes of a message while it is written: of the file, and of what a client gets, with CRLF at its line ends. */

const LF = 10
const CR = 13

export class Sizes {
  #file = 0
  #bare = 0
  #last = 0

  /** The next bytes. */
  add(bytes: Buffer): void {
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : bytes[at - 1]) !== CR) this.#bare += 1
    }
    this.#file += bytes.length
    this.#last = bytes.at(-1) ?? this.#last
  }

  /** As a Maildir's names tell them (Maildir++, Dovecot). */
  get suffix(): string {
    return `,S=${this.#file},W=${this.#file + this.#bare}`
  }
}
