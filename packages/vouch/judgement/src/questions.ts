/** The questions to the DNS that one message leads to: each is asked once, and they are counted. */
import type { Answer, Records } from '@yabumi/dns'
import type { Ask } from '@yabumi/zonefile'

export class Questions {
  readonly #askDns: Ask
  readonly #known = new Map<string, Promise<Answer<Records[keyof Records]>>>()

  constructor(ask: Ask) {
    this.#askDns = ask
  }

  /** As ask() of package dns. */
  readonly ask: Ask = (name, type) => {
    const key = `${type} ${name.toLowerCase().replace(/\.$/, '')}`
    const answer = this.#known.get(key) ?? this.#askDns(name, type)
    this.#known.set(key, answer)
    return answer as Promise<Answer<Records[typeof type]>>
  }

  /** Different ones, so far. */
  get count(): number {
    return this.#known.size
  }
}
