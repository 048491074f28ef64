/**
 * Clients that have logged in well of late, and to which logins: a file `clients` beside the passwords. A client that
 * is lost is a stranger once more.
 */
import { knownClientDays, knownClients } from '@yabumi/limits'
import { DayFile, today } from './dayfile.ts'

export class Acquaintances {
  /** By `CLIENT LOGIN`. */
  readonly #days: DayFile
  /** How many logins each client has. */
  readonly #logins = new Map<string, number>()

  /** @param trouble - told why the file could not be read or written; it is done without, then */
  constructor(path: string, trouble: (error: unknown) => void) {
    this.#days = new DayFile(path, {
      shape: /^[0-9a-f.:/]+ ./,
      most: knownClients,
      days: knownClientDays,
      added: (pair) => this.#count(pair, 1),
      removed: (pair) => this.#count(pair, -1),
      trouble,
    })
  }

  /** Whether a client has logged in well, to this login or, without one, to any. */
  knows(client: string, login?: string): boolean {
    return login === undefined ? this.#logins.has(client) : this.#days.dayOf(`${client} ${login}`) !== undefined
  }

  add(client: string, login: string, day: number = today()): void {
    this.#days.set(`${client} ${login}`, day)
  }

  /** Write the file, if anything has changed. */
  save(): void {
    this.#days.save()
  }

  #count(pair: string, more: number): void {
    const client = pair.slice(0, pair.indexOf(' '))
    const logins = (this.#logins.get(client) ?? 0) + more
    if (logins === 0) this.#logins.delete(client)
    else this.#logins.set(client, logins)
  }
}
