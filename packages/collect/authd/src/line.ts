/**
 * Whose password is checked now, and who waits.
 *
 * A check takes a hash that is meant to be slow, so only some run at once. Half of the places, of those who are checked
 * and of those who wait, is for clients who have logged in well. Strangers may use them while nobody else does, and
 * give them back first.
 */
import { loginChecks, loginsWaiting } from '@yabumi/limits'
import { Rota } from './rota.ts'

/** Who asks. */
export interface Applicant {
  /** Which program asks for it: the user number of its account. */
  readonly caller: number
  /** An IPv4 address, or a /64 network, and the wider network that has the same owner: itself, or its /56. */
  readonly client: string
  readonly network: string
  /** Whether it has logged in well of late. */
  readonly isKnown: boolean
}

type Turn = (end: (() => void) | undefined) => void

class Class {
  readonly waiting = new Rota<Turn>()
  running = 0
}

export class Line {
  readonly #known = new Class()
  readonly #strangers = new Class()
  readonly #crowded: () => void

  /** @param crowded - called when somebody has to be sent away */
  constructor(crowded: () => void) {
    this.#crowded = crowded
  }

  /** Wait for a turn. @returns what to call at its end, once; undefined if there is no room to wait */
  turn({ caller, network, client, isKnown }: Applicant): Promise<(() => void) | undefined> {
    const mine = isKnown ? this.#known : this.#strangers
    return new Promise((resolve) => {
      mine.waiting.add([String(caller), network, client], resolve)
      this.#begin()
      if (mine.waiting.size <= loginsWaiting / 2) return
      this.#crowded()
      mine.waiting.drop()?.(undefined)
    })
  }

  #begin(): void {
    while (this.#known.running + this.#strangers.running < loginChecks) {
      const next = this.#next()
      const turn = next?.waiting.next()
      if (next === undefined || turn === undefined) return
      next.running += 1
      turn(() => {
        next.running -= 1
        this.#begin()
      })
    }
  }

  /** The class that has fewer checks running, if anybody of it waits. */
  #next(): Class | undefined {
    const [first, second] = this.#known.running <= this.#strangers.running ? [this.#known, this.#strangers] : [this.#strangers, this.#known]
    return [first, second].find(({ waiting }) => waiting.size > 0)
  }
}
