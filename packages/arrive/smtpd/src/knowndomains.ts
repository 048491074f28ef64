/**
 * The domains that each login has written to, across a restart: `state/submit/domains`, a line `DOMAIN LOGIN` each. A
 * stolen password shows by many new ones.
 *
 * Writes  the whole file anew, some seconds after a change and at the end
 * Bound   so many in all: beyond it the login with the most forgets its oldest
 * Crash   forgets those seconds
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { replaceFile } from '@yabumi/files'
import { knownDomains, limitsSaveSeconds } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'

const directory = 'state/submit'
const path = `${directory}/domains`

export class KnownDomains {
  readonly #tell: (line: string) => void
  /** The oldest of each login first. Read when somebody sends, so as who this process has become. */
  #byLogin: Map<string, Set<string>> | undefined
  #size = 0
  #saving: NodeJS.Timeout | undefined
  #isTold = false

  /** @param tell - told that the file cannot be read or written; it is done without, then */
  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  /** Those of these that the login has not written to. @param domains - in lower case */
  newOf(login: string, domains: readonly string[]): string[] {
    this.#byLogin ??= this.#read()
    const known = this.#byLogin.get(login)
    return [...new Set(domains)].filter((domain) => known?.has(domain) !== true)
  }

  /** The login writes to them now. @param fresh - as newOf() has them */
  add(login: string, fresh: readonly string[]): void {
    if (fresh.length === 0) return
    for (const domain of fresh) this.#put(login, domain)
    this.#saving ??= setTimeout(() => this.save(), 1000 * limitsSaveSeconds).unref()
  }

  /** Write the file, if anything has changed. */
  save(): void {
    if (this.#saving === undefined) return
    clearTimeout(this.#saving)
    this.#saving = undefined
    const lines = [...(this.#byLogin ?? [])].flatMap(([login, known]) => [...known].map((domain) => `${domain} ${login}\n`))
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      replaceFile(path, Buffer.from(lines.join(''), 'latin1'))
    } catch (error) {
      this.#complain(error)
    }
  }

  #put(login: string, domain: string): void {
    this.#byLogin ??= new Map()
    const known = this.#byLogin.get(login) ?? new Set()
    this.#byLogin.set(login, known)
    if (known.has(domain)) return
    known.add(domain)
    this.#size += 1
    if (this.#size > knownDomains) this.#forgetOne()
  }

  #forgetOne(): void {
    let most: Set<string> | undefined
    for (const known of this.#byLogin?.values() ?? []) if (known.size > (most?.size ?? 0)) most = known
    const [oldest] = most ?? []
    if (oldest === undefined) return
    most?.delete(oldest)
    this.#size -= 1
  }

  #read(): Map<string, Set<string>> {
    this.#byLogin = new Map()
    try {
      for (const line of readFileSync(path, 'latin1').split('\n')) {
        const [, domain, login] = /^(\S{1,255}) (.+)$/.exec(line) ?? []
        if (domain !== undefined && login !== undefined) this.#put(login, domain)
      }
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#complain(error)
    }
    return this.#byLogin
  }

  #complain(error: unknown): void {
    if (!this.#isTold) this.#tell(`${path}: ${errorText(error)}; which domains people have written to is forgotten at a restart`)
    this.#isTold = true
  }
}

/** Those of recipients, in lower case. A recipient without one is here. */
export function domainsOf(recipients: readonly string[]): string[] {
  return recipients.map((recipient) => recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase())
}
