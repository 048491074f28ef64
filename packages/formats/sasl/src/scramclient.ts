/** The client of SCRAM: it proves that it knows the password, and has the server prove it too. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { scramIterationsLeast, scramIterationsMost } from '@yabumi/limits'
import { encodeBase64 } from './base64.ts'
import { escapedName } from './oauth.ts'
import type { ClientMechanism, Credentials } from './response.ts'
import { bytesOf, digest, hmac, normalised, type ScramHash, saltedPassword, xor } from './scram.ts'

const nonceBytes = 18
const serverFirst = /^r=([!-+\--~]+),s=([^,]+),i=([1-9]\d{0,8})(?:,.*)?$/s

export class ScramClient implements ClientMechanism {
  readonly #hash: ScramHash
  readonly #credentials: Credentials
  readonly #header: string
  readonly #binding: Buffer | undefined
  readonly #bare: string
  readonly #nonce: string
  /** What the server has to sign with, once it is known. */
  #expected: Buffer | undefined
  #isServerProven = false

  /**
   * @param binding - of `tls-exporter`: undefined where the channel has none
   * @param isPlus - whether the mechanism is the -PLUS one; else the client says that it could, so that the server notices who hid it
   */
  constructor(hash: ScramHash, isPlus: boolean, credentials: Credentials, binding: Buffer | undefined, nonce?: string) {
    this.#hash = hash
    this.#credentials = credentials
    this.#binding = isPlus ? binding : undefined
    this.#header = isPlus ? 'p=tls-exporter,,' : `${binding === undefined ? 'n' : 'y'},,`
    this.#nonce = nonce ?? randomBytes(nonceBytes).toString('base64')
    this.#bare = `n=${escapedName(normalised(credentials.login))},r=${this.#nonce}`
  }

  get initial(): string {
    return this.#header + this.#bare
  }

  get mayBelieve(): boolean {
    return this.#isServerProven
  }

  async respond(challenge: string): Promise<string | undefined> {
    if (this.#expected !== undefined) return this.#judge(challenge, this.#expected)
    const [, nonce = '', salt = '', count] = serverFirst.exec(challenge) ?? []
    const [bytes, iterations] = [bytesOf(salt), Number(count)]
    const isOurs = nonce.startsWith(this.#nonce) && nonce.length > this.#nonce.length
    if (!isOurs || bytes === undefined || !(iterations >= scramIterationsLeast && iterations <= scramIterationsMost)) return undefined
    const salted = await saltedPassword(this.#hash, this.#credentials.secret, bytes, iterations)
    const bound = encodeBase64(this.#header + (this.#binding?.toString('latin1') ?? ''))
    const unsigned = `c=${bound},r=${nonce}`
    const signed = `${this.#bare},${challenge},${unsigned}`
    const clientKey = hmac(this.#hash, salted, 'Client Key')
    const proof = xor(clientKey, hmac(this.#hash, digest(this.#hash, clientKey), signed))
    this.#expected = hmac(this.#hash, hmac(this.#hash, salted, 'Server Key'), signed)
    return `${unsigned},p=${proof.toString('base64')}`
  }

  #judge(challenge: string, expected: Buffer): string | undefined {
    const said = bytesOf(/^v=([^,]+)(?:,.*)?$/s.exec(challenge)?.[1] ?? '')
    this.#isServerProven = said?.length === expected.length && timingSafeEqual(said, expected)
    return this.#isServerProven ? '' : undefined
  }
}
