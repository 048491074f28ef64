/**
 * A number in a control file, for programs that run long or are elsewhere than in the home.
 *
 * A line that is no such number, or a file that cannot be read, leaves the last good reading and is named.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf, errorText } from '@yabumi/trouble'

/** What counts without the file, and the largest number that it may hold. */
export interface Bounds {
  readonly otherwise: number
  readonly largest: number
}

export class LastGood {
  readonly #name: string
  readonly #path: string
  readonly #bounds: Bounds
  readonly #log: (line: string) => void
  #good: number

  /**
   * @param name - of the file in control/
   * @param log - gets a line without a program's name, at each reading
   * @param home - whose control/ it is; the program may go elsewhere afterwards
   */
  constructor(name: string, bounds: Bounds, log: (line: string) => void, home: string = '.') {
    this.#name = name
    this.#path = resolve(home, 'control', name)
    this.#bounds = bounds
    this.#log = log
    this.#good = bounds.otherwise
    this.#read()
  }

  /** As the file has it now. */
  get value(): number {
    this.#read()
    return this.#good
  }

  #read(): void {
    const { otherwise, largest } = this.#bounds
    try {
      const text = readFileSync(this.#path, 'latin1').replace(/^\xef\xbb\xbf/, '')
      const line = text.split('\n', 1)[0]?.trim() ?? ''
      if (/^[0-9]{1,9}$/.test(line) && Number(line) <= largest) this.#good = Number(line)
      else this.#log(`control/${this.#name}:1: not a number up to ${largest}; ${this.#good} still counts`)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') this.#good = otherwise
      else this.#log(`control/${this.#name}: ${errorText(error)}; ${this.#good} still counts`)
    }
  }
}
