/** What a person sees: a line that changes on a terminal, else a line a mailbox. */
import { isatty } from 'node:tty'
import { say } from '@yabumi/commandline'

export class Progress {
  readonly #isDry: boolean
  readonly #isTerminal: boolean = isatty(2)
  #path = ''
  #wanted = 0
  #were = 0
  #done = 0
  #found = 0

  constructor(isDry: boolean) {
    this.#isDry = isDry
  }

  begin(path: string, wanted: number, were: number): void {
    this.#path = path
    this.#wanted = wanted
    this.#were = were
    this.#done = 0
    this.#found = 0
  }

  /** One more message. @param found - it was there after all */
  step(found: boolean): void {
    this.#done += 1
    if (found) this.#found += 1
    if (this.#isTerminal) process.stderr.write(`\r${this.#path}: ${this.#done} of ${this.#wanted}`)
  }

  /** The mailbox is done. */
  end(): void {
    if (this.#isTerminal && this.#done > 0) process.stderr.write('\r\x1b[K')
    const [verb, count] = this.#isDry ? ['to copy', this.#wanted] : ['copied', this.#done - this.#found]
    const line = `${this.#path}: ${count} ${verb}, ${this.#were + this.#found} were there\n`
    say(Buffer.from(line, 'utf8').toString('latin1'))
  }
}
