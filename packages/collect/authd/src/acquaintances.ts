/**
 * Clients that have logged in well of late, and to which logins: a file `clients` beside the passwords, a line `DAY CLIENT LOGIN` each.
 *
 * Synced  a minute after a change, and at the end
 * Crash   loses that minute: a client that was new is a stranger once more
 */
import { readFileSync } from 'node:fs'
import { knownClientDays, knownClients, knownClientsSaveSeconds } from '@yabumi/limits'
import { replaceFile } from '@yabumi/password'
import { errnoOf } from '@yabumi/trouble'

const dayMilliseconds = 86_400_000

export class Acquaintances {
  readonly #path: string
  readonly #trouble: (error: unknown) => void
  /** The day of each `CLIENT LOGIN`, the one that logged in longest ago first. */
  readonly #days = new Map<string, number>()
  /** How many logins each client has. */
  readonly #logins = new Map<string, number>()
  #saving: NodeJS.Timeout | undefined

  /** @param trouble - told why the file could not be read or written; it is done without, then */
  constructor(path: string, trouble: (error: unknown) => void) {
    this.#path = path
    this.#trouble = trouble
    this.#read()
  }

  /** Whether a client has logged in well, to this login or, without one, to any. */
  knows(client: string, login?: string): boolean {
    return login === undefined ? this.#logins.has(client) : this.#days.has(`${client} ${login}`)
  }

  add(client: string, login: string, day: number = today()): void {
    const pair = `${client} ${login}`
    if (this.#days.get(pair) === day) return
    this.#remove(pair)
    this.#insert(pair, day)
    for (const [oldest, of] of this.#days) {
      if (this.#days.size <= knownClients && of > today() - knownClientDays) break
      this.#remove(oldest)
    }
    this.#saving ??= setTimeout(() => this.save(), 1000 * knownClientsSaveSeconds).unref()
  }

  /** Write the file, if anything has changed. */
  save(): void {
    if (this.#saving === undefined) return
    clearTimeout(this.#saving)
    this.#saving = undefined
    try {
      replaceFile(this.#path, Buffer.from([...this.#days].map(([pair, day]) => `${day} ${pair}\n`).join(''), 'latin1'))
    } catch (error) {
      this.#trouble(error)
    }
  }

  #read(): void {
    try {
      for (const line of readFileSync(this.#path, 'latin1').split('\n')) {
        const [, day, pair] = /^([0-9]{1,6}) ([0-9a-f.:/]+ .+)$/.exec(line) ?? []
        if (pair !== undefined && Number(day) > today() - knownClientDays && this.#days.size < knownClients) this.#insert(pair, Number(day))
      }
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#trouble(error)
    }
  }

  #insert(pair: string, day: number): void {
    this.#days.set(pair, day)
    const client = clientOfPair(pair)
    this.#logins.set(client, (this.#logins.get(client) ?? 0) + 1)
  }

  #remove(pair: string): void {
    if (!this.#days.delete(pair)) return
    const client = clientOfPair(pair)
    const left = (this.#logins.get(client) ?? 1) - 1
    if (left === 0) this.#logins.delete(client)
    else this.#logins.set(client, left)
  }
}

function clientOfPair(pair: string): string {
  return pair.slice(0, pair.indexOf(' '))
}

function today(): number {
  return Math.floor(Date.now() / dayMilliseconds)
}
