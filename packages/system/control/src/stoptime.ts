/**
 * control/stoptime: how long a program that is told to leave may take for what it has under way. Read at its start and
 * when it leaves.
 */
import { stopSeconds } from '@yabumi/limits'
import { LastGood } from './lastgood.ts'

const largest = 999_999

export class StopTime {
  readonly #number: LastGood

  /** @param log, home - as of LastGood */
  constructor(log: (line: string) => void, home: string = '.') {
    this.#number = new LastGood('stoptime', { otherwise: stopSeconds, largest }, log, home)
  }

  /** As the file has it now. */
  get seconds(): number {
    return this.#number.value
  }
}
