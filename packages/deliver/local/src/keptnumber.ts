/**
 * A number in control/ that a worker looks at now and then.
 *
 * Without the file the old way counts, and a bad line keeps what counted before.
 */
import { readFileSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { homeDirectory } from '@yabumi/home'
import { errnoOf } from '@yabumi/trouble'

/** For so long a worker does not look at control/ again. */
const keptMilliseconds = 5_000

export interface NumberFile {
  readonly name: string
  /** What its line must be. */
  readonly form: RegExp
  /** What is said of a line that is not. */
  readonly problem: string
  /** What counts if the line is bad, by what counted before. */
  readonly instead: (kept: number) => number
  /** In words, for the log. */
  readonly words: (value: number) => string
}

export class KeptNumber {
  readonly #file: NumberFile
  #kept = 0
  #readAt = Number.NEGATIVE_INFINITY
  #isBad = false

  constructor(file: NumberFile) {
    this.#file = file
  }

  /** 0 without the file. */
  get value(): number {
    const now = performance.now()
    if (now - this.#readAt > keptMilliseconds) {
      this.#kept = this.#read()
      this.#readAt = now
    }
    return this.#kept
  }

  #read(): number {
    let text: string
    try {
      text = readFileSync(`${homeDirectory()}/control/${this.#file.name}`, 'latin1')
    } catch (error) {
      return errnoOf(error) === 'ENOENT' ? 0 : this.#bad('cannot be read')
    }
    const line = text.replace(/^\xef\xbb\xbf/, '').split('\n', 1)[0] ?? ''
    if (!this.#file.form.test(line.trim())) return this.#bad(`line 1: ${this.#file.problem}`)
    this.#isBad = false
    return Number(line.trim())
  }

  #bad(problem: string): number {
    const value = this.#file.instead(this.#kept)
    if (!this.#isBad) complain(`local: control/${this.#file.name} ${problem}; ${this.#file.words(value)}`)
    this.#isBad = true
    return value
  }
}
