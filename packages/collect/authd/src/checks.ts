/**
 * Whether what a client has sent is right, by the passwords of the home. Each check makes the same calls whether or not
 * the login exists.
 */
import { timingSafeEqual } from 'node:crypto'
import type { LoginRecord } from '@yabumi/loginprotocol'
import { keepsVerifiers, matches, newVerifier } from '@yabumi/password'
import { cramMd5Digest, inventedVerifier, type ScramVerifier } from '@yabumi/sasl'
import { errorText } from '@yabumi/trouble'
import { noSecret } from './judge.ts'
import type { Offers } from './offers.ts'
import type { Passwords } from './passwords.ts'

export class Checks {
  readonly #passwords: Passwords
  readonly #offers: Offers
  readonly #siteSecret: Buffer
  readonly #trouble: (line: string) => void

  /** @param siteSecret - by which verifiers are invented. @param trouble - told what was not stored */
  constructor(passwords: Passwords, offers: Offers, siteSecret: Buffer, trouble: (line: string) => void) {
    this.#passwords = passwords
    this.#offers = offers
    this.#siteSecret = siteSecret
    this.#trouble = trouble
  }

  /** @param proven - called if it is, with the login's line of the file */
  async password(login: string, password: string, proven: (line: string) => void): Promise<LoginRecord> {
    const found = this.#passwords.find(login)
    const secret = Buffer.from(password, 'latin1')
    if (!(await matches(found?.entry, secret, undefined)) || found === undefined) return ['wrong']
    proven(found.line)
    await this.#verify(login, secret, found.entry.hash)
    return ['right']
  }

  /** @param challenge - undefined where none was asked for */
  async apop(login: string, digest: string, challenge: string | undefined): Promise<LoginRecord> {
    const entry = this.#passwords.find(login)?.entry
    const digestOf = challenge === undefined ? undefined : Buffer.from(challenge, 'latin1')
    if (await matches(entry, Buffer.from(digest, 'latin1'), digestOf)) return ['right']
    return entry?.secret === undefined ? noSecret : ['wrong']
  }

  async cramMd5(login: string, digest: string, challenge: string): Promise<LoginRecord> {
    const secret = this.#passwords.find(login)?.entry.secret
    const expected = cramMd5Digest(secret?.toString('latin1') ?? '', challenge)
    const isRight = timingSafeEqual(Buffer.from(expected), Buffer.from(digest))
    return isRight && secret !== undefined ? ['right'] : ['wrong']
  }

  /** What SCRAM compares with. @throws Trouble 4.3.0 if the passwords cannot be read */
  verifierOf(login: string): ScramVerifier {
    const invented = inventedVerifier(login, this.#siteSecret)
    return this.#passwords.verifierOf(login) ?? invented
  }

  /** Where a login has no verifier yet, now is the moment to make one. A failure is no failure of the login. */
  async #verify(login: string, password: Buffer, hash: string): Promise<void> {
    try {
      if (this.#passwords.verifierOf(login) !== undefined) return
      if (keepsVerifiers()) await this.#passwords.storeVerifier(login, hash, await newVerifier(password))
      else this.#offers.used(login)
    } catch (error) {
      this.#offers.used(login)
      this.#trouble(`what SCRAM needs was not stored: ${errorText(error)}`)
    }
  }
}
