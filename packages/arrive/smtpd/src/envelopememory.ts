/**
 * The memory that the recipients of all transactions fill together: one bound for all, and a share of it for each
 * client.
 *
 * Where several clients hold some of it, each may hold as much as it leaves free. So a few together do not fill it for
 * the next one. A transaction's first recipient always fits, so that mail goes on when others have filled it.
 * Connections bound that.
 */
import { smtpEnvelopeBytes } from '@yabumi/limits'
import { clientOf } from '@yabumi/listener'
import { Seldom } from '@yabumi/logline'

export class EnvelopeMemory {
  readonly #mostPerClient: number
  readonly #log: Seldom
  readonly #held = new Map<string, number>()
  #heldByAll = 0

  /** @param mostPerClient - bytes; @param log - told at times who was put off, and why */
  constructor(mostPerClient: number, log: (line: string) => void) {
    this.#mostPerClient = mostPerClient
    this.#log = new Seldom(log)
  }

  /** What a client may fill. @param address - its own, or whatever stands for it */
  roomOf(address: string): EnvelopeRoom {
    const client = clientOf(address)
    return {
      take: (bytes, isFirst) => {
        const ofClient = this.#held.get(client) ?? 0
        const full = isFirst ? undefined : this.#fullFor(ofClient, bytes)
        if (full !== undefined) this.#log.say(full, `${address}: recipients put off with 452: ${full} bytes of recipients are held`)
        else this.#hold(client, bytes)
        return full === undefined
      },
      give: (bytes) => this.#hold(client, -bytes),
    }
  }

  #fullFor(ofClient: number, bytes: number): string | undefined {
    if (ofClient + bytes > this.#mostPerClient) return `for its network ${ofClient}`
    const ofOthers = this.#heldByAll - ofClient
    const most = (smtpEnvelopeBytes - ofOthers) / (ofOthers > 0 ? 2 : 1)
    return ofClient + bytes > most ? `for all ${this.#heldByAll}` : undefined
  }

  #hold(client: string, bytes: number): void {
    this.#heldByAll += bytes
    const left = (this.#held.get(client) ?? 0) + bytes
    if (left === 0) this.#held.delete(client)
    else this.#held.set(client, left)
  }
}

export interface EnvelopeRoom {
  /** @param isFirst - of its transaction. @returns whether there is room for a recipient of so many bytes, which it takes then */
  take(bytes: number, isFirst: boolean): boolean
  give(bytes: number): void
}
