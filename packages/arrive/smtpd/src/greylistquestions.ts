/** Whether a stranger is put off at first (control/greylist). */
import { nowSeconds } from '@yabumi/dates'
import type { ListVerdict } from '@yabumi/dnslists'
import type { Question } from './recipientcheck.ts'
import type { Settings } from './settings.ts'
import type { SharedGreylist } from './sharedgreylist.ts'
import type { Client } from './wire.ts'

export class GreylistQuestions {
  readonly #client: Client
  readonly #shared: SharedGreylist

  constructor(client: Client, shared: SharedGreylist) {
    this.#client = client
    this.#shared = shared
  }

  /** @param listed - what lists in the DNS say of it, if any is asked. @returns the reply that puts it off. Never rejects */
  async ask({ sender, recipient }: Question, { screen }: Settings, listed: ListVerdict | undefined): Promise<string | undefined> {
    if (listed?.passedBy !== undefined || this.#shared.correspondents.has(sender)) return undefined
    if (screen.greylists === 'suspicious' && !isSuspicious(await this.#client.remoteHost, this.#client.remoteAddress, listed))
      return undefined
    const seconds = this.#shared.greylist.delaySeconds({ address: this.#client.remoteAddress, sender, recipient }, nowSeconds())
    return seconds === 0 ? undefined : `451 greylisted, come back in ${seconds} seconds (#4.7.1)\r\n`
  }
}

/** A client that has no name, or one that is made of its address, or that some list has without being enough to refuse. */
function isSuspicious(name: string, address: string, listed: ListVerdict | undefined): boolean {
  return name === 'unknown' || isMadeOf(address, name) || (listed?.score ?? 0) > 0
}

/** `c-192-0-2-7.pool.example`: providers name the lines of their customers so. */
function isMadeOf(address: string, name: string): boolean {
  const numbers = address.split('.')
  if (numbers.length !== 4) return /(?:[0-9a-f]{1,4}[.-]){4}/.test(name)
  const words = new Set(name.split(/[^0-9]+/).map((word) => word.replace(/^0+(?=.)/, '')))
  return (
    new Set(numbers.filter((number) => words.has(number))).size >= 3 || words.has(numbers.map((number) => number.padStart(3, '0')).join(''))
  )
}
