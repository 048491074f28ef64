/**
 * An authority that signs certificates, with our account there (RFC 8555 §7).
 *
 * Trust   none in its words: they are cut, made printable, and stand in our log as its own
 */
import type { KeyObject } from 'node:crypto'
import { acmeWordsBytes } from '@yabumi/limits'
import { printable } from '@yabumi/printable'
import { Trouble } from '@yabumi/trouble'
import { type Answered, exchange } from './exchange.ts'
import { jwkOf, signed } from './jws.ts'
import type { Settings } from './settings.ts'
import { keepAccount } from './store.ts'

/** An object of the protocol; what of it is asked for is looked at where it is used. */
export type Resource = Readonly<Record<string, unknown>>

/** What the authority has answered in place of what was wanted. */
export class Refusal extends Trouble {
  /** Seconds after which it wants to be asked again; undefined: it has not said. */
  readonly retrySeconds: number | undefined

  constructor(words: string, retrySeconds: number | undefined) {
    super('4.7.0', `the authority says: ${printable(words).slice(0, acmeWordsBytes)}`)
    this.retrySeconds = retrySeconds
  }
}

const nonceTries = 20

/** What the authority has, and where (RFC 8555 §7.1.1). @throws Trouble */
export async function placesOf({ directory, ca }: Settings): Promise<Resource> {
  const found = await exchange(directory, 'GET', ca)
  if (found.status !== 200) throw refusalOf(found)
  return resourceOf(found)
}

export class Authority {
  readonly #key: KeyObject
  readonly #ca: string | undefined
  readonly #places: Resource
  #nonce: string | undefined
  #account: string | undefined

  private constructor(key: KeyObject, ca: string | undefined, places: Resource) {
    this.#key = key
    this.#ca = ca
    this.#places = places
  }

  /** Find the account of this key there, which is made where there is none. @param places - as placesOf() has them. @throws Trouble */
  static async open({ email, ca }: Settings, places: Resource, key: KeyObject): Promise<Authority> {
    const authority = new Authority(key, ca, places)
    const contact = email === undefined ? {} : { contact: [`mailto:${email}`] }
    const made = await authority.#post(authority.#place('newAccount'), { termsOfServiceAgreed: true, ...contact })
    authority.#account = placeOf(made)
    keepAccount(authority.#account)
    return authority
  }

  get key(): KeyObject {
    return this.#key
  }

  /**
   * @param replaces - how the authority calls the certificate that this one is to replace (RFC 9773 §5); where it wants no such word, it is ordered without
   * @returns where the order is, and what it is
   * @throws Trouble
   */
  async order(name: string, replaces: string | undefined): Promise<{ url: string; order: Resource }> {
    const wanted = { identifiers: [{ type: 'dns', value: name }] }
    const order = async (what: object) => {
      const answer = await this.#post(this.#place('newOrder'), what)
      return { url: placeOf(answer), order: resourceOf(answer) }
    }
    if (replaces === undefined || this.#places['renewalInfo'] === undefined) return order(wanted)
    return order({ ...wanted, replaces }).catch((error: unknown) => {
      if (error instanceof Refusal) return order(wanted)
      throw error
    })
  }

  /** @param payload - undefined: only look. @throws Trouble */
  async say(url: unknown, payload?: object): Promise<Resource & { retrySeconds: number | undefined }> {
    const answer = await this.#post(text(url), payload)
    return { ...resourceOf(answer), retrySeconds: retrySecondsOf(answer) }
  }

  /** The text behind an address. @throws Trouble */
  async download(url: unknown): Promise<string> {
    return (await this.#post(text(url), undefined)).body
  }

  #place(name: string): string {
    return text(this.#places[name])
  }

  /** What was said with a nonce that has become old is said again (RFC 8555 §6.5). */
  async #post(url: string, payload: object | undefined): Promise<Answered> {
    for (let tries = 1; ; tries += 1) {
      const nonce = this.#nonce ?? nonceOf(await exchange(this.#place('newNonce'), 'HEAD', this.#ca))
      const whose = this.#account === undefined ? { jwk: jwkOf(this.#key) } : { kid: this.#account }
      const answer = await exchange(url, 'POST', this.#ca, signed(this.#key, { ...whose, nonce, url }, payload))
      this.#nonce = nonceOf(answer)
      if (answer.status < 300) return answer
      if (tries >= nonceTries || !answer.body.includes(':badNonce')) throw refusalOf(answer)
    }
  }
}

function nonceOf({ headers }: Answered): string | undefined {
  const nonce = headers['replay-nonce']
  return typeof nonce === 'string' ? nonce : undefined
}

function placeOf({ headers }: Answered): string {
  return text(headers['location'])
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Trouble('4.4.1', 'the authority has left out an address')
  return value
}

function resourceOf({ body }: Answered): Resource {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Resource
  } catch {
    // said below
  }
  throw new Trouble('4.4.1', 'the authority has answered with something else than an object of JSON')
}

function refusalOf(answer: Answered): Refusal {
  return new Refusal(wordsOf(problemIn(answer.body)) ?? `status ${answer.status}`, retrySecondsOf(answer))
}

function problemIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The sentences of a problem and of those below it (RFC 7807 §3.1, RFC 8555 §6.7.1); undefined where it has none. */
export function wordsOf(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined
  const { detail, subproblems } = problem as Resource
  const below = (Array.isArray(subproblems) ? subproblems : []).map((each) => (each as Resource | null)?.['detail'])
  const words = [detail, ...below].filter((each) => typeof each === 'string')
  return words.length === 0 ? undefined : words.join('; ')
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retrySecondsOf({ headers }: Answered): number | undefined {
  const value = headers['retry-after']
  if (typeof value !== 'string') return undefined
  const seconds = /^[0-9]{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}
