/**
 * The names of clients by PTR record, as tcpserver looks them up for TCPREMOTEHOST.
 *
 * The look-up starts when a client connects and delays nothing but its first message, and that for a bounded time. What
 * was heard is kept for a minute: a client that opens a connection for each message costs one question.
 */
import { reverseName } from '@yabumi/dns'
import { clientNameKeepSeconds, clientNames, clientNameWaitSeconds } from '@yabumi/limits'

const unknown = 'unknown'

interface Entry {
  name: string | Promise<string>
  readonly untilMilliseconds: number
}

export class ClientNames {
  readonly #entries = new Map<string, Entry>()

  /** @returns the name; a promise, which never rejects, while it is being looked up; `unknown` if there is none */
  nameOf(address: string): string | Promise<string> {
    const now = performance.now()
    const kept = this.#entries.get(address)
    if (kept !== undefined && now < kept.untilMilliseconds) return kept.name
    const name = lookUp(address)
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

async function lookUp(address: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), 1000 * clientNameWaitSeconds)
  })
  const name = await Promise.race([reverseName(address), patience])
  clearTimeout(timer)
  return name ?? unknown
}
