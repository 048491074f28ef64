/**
 * The names of clients by PTR record, as tcpserver looks them up for TCPREMOTEHOST.
 *
 * The look-up starts when a client connects. It delays nothing but the client's first message, and that for a bounded
 * time. The greeting waits only where rules for clients go by name. What was heard is kept for a minute, so a client
 * that opens a connection for each message costs one question.
 */
import { findAddresses, reverseName } from '@yabumi/dns'
import { clientNameKeepSeconds, clientNames, clientNameWaitSeconds } from '@yabumi/limits'

const unknown = 'unknown'

export class ClientNames {
  readonly #names = new Answers((address) => soon(reverseName(address)))
  readonly #confirmed = new Answers((address) => soon(this.#confirm(address)))

  /** @returns the name; a promise, which never rejects, while it is being looked up; `unknown` if there is none */
  nameOf(address: string): string | Promise<string> {
    return this.#names.about(address)
  }

  /**
   * The name, if it leads back to the address: a PTR record alone proves nothing, for whoever has the address may write
   * there what he likes.
   */
  confirmedNameOf(address: string): string | Promise<string> {
    return this.#confirmed.about(address)
  }

  async #confirm(address: string): Promise<string | undefined> {
    const name = await this.#names.about(address)
    if (name === unknown) return undefined
    const found = await findAddresses(name)
    return found.kind === 'found' && found.exchanges.some((exchange) => exchange.address === address) ? name : undefined
  }
}

/** @returns what was found, in time */
async function soon(lookUp: Promise<string | undefined>): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), 1000 * clientNameWaitSeconds)
  })
  const name = await Promise.race([lookUp, patience])
  clearTimeout(timer)
  return name ?? unknown
}

interface Entry {
  name: string | Promise<string>
  readonly untilMilliseconds: number
}

/** Answers about addresses, asked for once a minute; a bounded number of them, the oldest make room. */
class Answers {
  readonly #ask: (address: string) => Promise<string>
  readonly #entries = new Map<string, Entry>()

  constructor(ask: (address: string) => Promise<string>) {
    this.#ask = ask
  }

  about(address: string): string | Promise<string> {
    const now = performance.now()
    const kept = this.#entries.get(address)
    if (kept !== undefined && now < kept.untilMilliseconds) return kept.name
    const name = this.#ask(address)
    const entry: Entry = { name, untilMilliseconds: now + 1000 * clientNameKeepSeconds }
    this.#keep(address, entry)
    void name.then((found) => {
      entry.name = found
    })
    return name
  }

  #keep(address: string, entry: Entry): void {
    this.#entries.delete(address)
    this.#entries.set(address, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > clientNames && oldest !== undefined) this.#entries.delete(oldest)
  }
}
