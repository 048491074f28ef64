/**
 * AUTH in a session (RFC 4954): what is offered, the exchange that is under way, and who it has shown the client to be.
 *
 * Never   logs a response, nor takes the failure of those who judge for a wrong password
 */
import { authResponseBytes, authTries } from '@yabumi/limits'
import type { ExchangeStep } from '@yabumi/loginprotocol'
import type { Exchange, Logins } from './logins.ts'
import { type Reaction, reply } from './replies.ts'
import type { LoginTerms } from './smtpauth.ts'
import { external, externalExchange } from './tlsclient.ts'
import type { SessionTls } from './wire.ts'

/** Who has logged in. Byte strings. */
export interface LoggedIn {
  readonly login: string
  readonly mechanism: string
}

const loopback = /^(?:::ffff:)?127\.|^::1$/

export class Authentication {
  readonly #logins: Logins
  readonly #terms: LoginTerms
  readonly #client: string
  readonly #tls: SessionTls
  #known: readonly string[] = []
  #exchange: { readonly with: Exchange; readonly mechanism: string } | undefined
  #tries = 0
  #user: LoggedIn | undefined
  /** Who the client's certificate shows it to be. */
  #certified: string | undefined

  constructor(logins: Logins, terms: LoginTerms, client: string, tls: SessionTls) {
    this.#logins = logins
    this.#terms = terms
    this.#client = client
    this.#tls = tls
  }

  /** Ask what can be offered. @returns the last word to a client that is not heard now; undefined for all others. Never rejects */
  async prepare(): Promise<string | undefined> {
    const known = await this.#logins.mechanisms(this.#client)
    if (known === 'refused') return reply.tooManyFailures
    const { cram } = this.#terms
    this.#known = known.filter((name) => (name === 'CRAM-MD5' ? cram !== 'no' : cram !== 'only'))
    return undefined
  }

  get user(): LoggedIn | undefined {
    return this.#user
  }

  /** Whether a login may be said now: nobody reads along. */
  get isPossible(): boolean {
    return this.#tls.facts !== undefined || this.#terms.inClear || loopback.test(this.#client)
  }

  /** As EHLO has it, the best first; empty where there is none now. */
  get offered(): readonly string[] {
    if (this.#user !== undefined || !this.isPossible) return []
    const plus = this.#binding === undefined ? [] : this.#known.filter((name) => name.startsWith('SCRAM-')).map((name) => `${name}-PLUS`)
    return [...plus, ...this.#known, ...(this.#certified === undefined ? [] : [external])]
  }

  /** The next line is a response and no command. */
  get isUnderWay(): boolean {
    return this.#exchange !== undefined
  }

  /** @param argument - of AUTH. @returns a promise, which never rejects, where somebody has to be asked */
  begin(argument: string): Reaction | Promise<Reaction> {
    if (this.#user !== undefined) return { reply: reply.authenticated }
    if (!this.isPossible) return { reply: reply.authNeedsTls, word: 'AUTH' }
    const [name = '', initial = '', ...more] = argument.split(/ +/)
    const mechanism = name.toUpperCase()
    const word = `AUTH ${mechanism}`
    if (mechanism === '' || more.length > 0) return { reply: reply.malformedAuth, word }
    if (!this.offered.includes(mechanism)) return { reply: reply.unknownMechanism, word }
    if (initial.length > authResponseBytes) return { reply: reply.authLineTooLong, word }
    if (this.#tries >= authTries) return { reply: reply.tooManyFailures, word, next: 'abort' }
    const certified = mechanism === external ? this.#certified : undefined
    const exchange = certified === undefined ? this.#logins.exchange(this.#client, this.#binding) : externalExchange(certified)
    this.#exchange = { with: exchange, mechanism }
    return this.#take(mechanism, exchange.begin(mechanism, initial))
  }

  /** @param line - what the client responds */
  respond(line: string): Reaction | Promise<Reaction> {
    const { with: exchange, mechanism } = this.#exchange ?? { with: undefined, mechanism: '' }
    const word = `AUTH ${mechanism}`
    if (exchange !== undefined && line !== '*' && line.length <= authResponseBytes) return this.#take(mechanism, exchange.respond(line))
    this.end()
    return { reply: line === '*' ? reply.authCanceled : reply.authLineTooLong, word }
  }

  /** The client's line is longer than any. @returns undefined if no exchange is under way; it is over now */
  passOver(): Reaction | undefined {
    if (!this.isUnderWay) return undefined
    this.end()
    return { reply: reply.authLineTooLong, word: 'AUTH' }
  }

  /** TLS has begun, and its certificate shows who the client is. @param login - undefined if it shows nothing */
  certify(login: string | undefined): void {
    this.#certified = login
  }

  /** TLS has begun: who the client was before it does not count (RFC 4954 §4). Its failures do. */
  forget(): void {
    this.end()
    this.#user = undefined
  }

  /** The exchange is over, or the session. */
  end(): void {
    this.#exchange?.with.close()
    this.#exchange = undefined
  }

  get #binding(): Buffer | undefined {
    return this.#tls.facts?.exporter()
  }

  async #take(mechanism: string, answer: Promise<ExchangeStep>): Promise<Reaction> {
    const step = await answer
    if (step.kind === 'challenge') return { reply: `334 ${step.text}\r\n` }
    this.end()
    const word = `AUTH ${mechanism}`
    switch (step.kind) {
      case 'right':
        this.#user = { login: step.login, mechanism }
        this.#tries = 0
        return { reply: reply.loggedIn, told: `auth ${mechanism} ok`, word: step.login }
      case 'wrong':
        this.#tries += 1
        return { reply: reply.wrongLogin, told: `auth ${mechanism} failed, ${step.text}`, word: step.login, delaySeconds: step.seconds }
      case 'trouble':
        return { reply: reply.authTrouble, told: `auth ${mechanism} not judged, ${step.text}`, word: step.login }
      case 'unknown':
        return { reply: reply.unknownMechanism, word }
      default:
        return { reply: reply.malformedAuth, word }
    }
  }
}

/** What MAIL hears while a login is demanded that has not come: all mail is kept out where none is possible. */
export function missingLogin(terms: LoginTerms | undefined, authentication: Authentication | undefined): string | undefined {
  if (!terms?.required || authentication?.user !== undefined) return undefined
  return authentication?.isPossible === false ? reply.tlsFirst : reply.authRequired
}

/** @returns undefined where nobody can log in */
export function authenticationFor(
  logins: Logins | undefined,
  terms: LoginTerms | undefined,
  client: string,
  tls: SessionTls,
): Authentication | undefined {
  return logins === undefined || terms === undefined ? undefined : new Authentication(logins, terms, client, tls)
}
