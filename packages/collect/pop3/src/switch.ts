/**
 * The switches of POP3. Without its file each is as qmail has it: `popextensions` 0, its replies to the byte; `apop` 1,
 * a challenge in each greeting.
 */
import { LastGood } from '@yabumi/control'

const withoutFile = { popextensions: 0, apop: 1 }

export class PopSwitch {
  readonly #number: LastGood

  /** @param log, home - as of LastGood */
  constructor(name: keyof typeof withoutFile, log: (line: string) => void, home?: string) {
    this.#number = new LastGood(name, { otherwise: withoutFile[name], largest: 1 }, log, home)
  }

  /** As the file has it now. */
  get isOn(): boolean {
    return this.#number.value === 1
  }
}
