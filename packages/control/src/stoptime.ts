/**
 * control/stoptime: how long a program that is told to leave may take for what it has under way.
 *
 * Read at its start and when it leaves. A line that is no number, or a file that cannot be read, leaves the last good reading and is named.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { stopSeconds } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'

export class StopTime {
  readonly #path: string
  readonly #log: (line: string) => void
  #good: number = stopSeconds

  /**
   * @param log - gets a line without a program's name
   * @param home - whose control/ it is; the program may go elsewhere afterwards
   */
  constructor(log: (line: string) => void, home: string = '.') {
    this.#path = resolve(home, 'control/stoptime')
    this.#log = log
    this.#read()
  }

  /** As the file has it now. */
  get seconds(): number {
    this.#read()
    return this.#good
  }

  #read(): void {
    try {
      const text = readFileSync(this.#path, 'latin1').replace(/^\xef\xbb\xbf/, '')
      const line = text.split('\n', 1)[0]?.trim() ?? ''
      if (/^[0-9]{1,6}$/.test(line)) this.#good = Number(line)
      else this.#log(`control/stoptime:1: not a number; ${this.#good} still counts`)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') this.#good = stopSeconds
      else this.#log(`control/stoptime: ${errorText(error)}; ${this.#good} still counts`)
    }
  }
}
