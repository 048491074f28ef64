/**
 * How a connection begins: greeting, EHLO or HELO, TLS as it is demanded, and EHLO again (RFC 3207).
 *
 * Where TLS is demanded, nothing but EHLO, HELO, STARTTLS and QUIT is said in clear. What the host said before the
 * handshake counts for nothing.
 */
import type { TLSSocket } from 'node:tls'
import type { Reply } from '@yabumi/smtp'
import type { Demand } from '@yabumi/tlsdemand'
import { authenticate } from './authenticate.ts'
import { type Connection, OutOfStep } from './connection.ts'
import { shakeHands, TlsFailed } from './handshake.ts'
import type { Login } from './login.ts'
import { type Heard, implicitTlsPort, proofKey } from './security.ts'
import * as texts from './texts.ts'
import { type Shown, verifyHost } from './verify.ts'

/** Who is to be greeted, and how. */
export interface Introduction {
  /** Our own name. */
  readonly heloHost: string
  /** The host's, which is asked for in TLS. */
  readonly host: string
  readonly port: number
  readonly esmtp: boolean
  readonly demand: Demand
  /** As whom it knows us. */
  readonly login?: Login
  /** Told how it came out with TLS, where there was any, or was to be. */
  heard(how: Heard): void
}

/** TLS failed that nobody demanded: the host is to be tried once more, without. */
export const inClear = 'in clear'

/** Nothing: the host is ready. A report: it is not. @throws ConnectionDied, OutOfStep, Closing; Trouble 4.3.0 */
export async function introduce(connection: Connection, wanted: Introduction): Promise<string | typeof inClear | undefined> {
  const beginning = new Beginning(connection, wanted)
  const refusal = wanted.port === implicitTlsPort ? await beginning.atOnce() : await beginning.inSteps()
  return refusal ?? beginning.logIn()
}

class Beginning {
  readonly #connection: Connection
  readonly #wanted: Introduction
  #socket: TLSSocket | undefined

  constructor(connection: Connection, wanted: Introduction) {
    this.#connection = connection
    this.#wanted = wanted
  }

  async atOnce(): Promise<string | typeof inClear | undefined> {
    const { demand, heard } = this.#wanted
    const failed = await this.#secure({ ...demand, tls: 'must', by: demand.tls === 'must' ? demand.by : `port ${implicitTlsPort}` }, heard)
    return failed ?? (await this.#greet()) ?? this.#sayHello()
  }

  async inSteps(): Promise<string | typeof inClear | undefined> {
    const { demand, esmtp, heard } = this.#wanted
    const refusal = (await this.#greet()) ?? (esmtp || demand.tls !== 'none' ? await this.#sayHello() : await this.#sayHelo())
    if (refusal !== undefined || demand.tls === 'none') return refusal
    const answer = this.#connection.capabilities.has('STARTTLS') ? await this.#ask('STARTTLS') : undefined
    if (answer?.code !== 220) {
      const said = answer === undefined ? 'the host does not offer it' : `the host says ${answer.text.trimEnd()}`
      if (answer !== undefined && answer.code < 400) throw new OutOfStep('an answer that does not fit', answer.text)
      this.#connection.hasNoTls = true
      heard({ failure: { type: 'starttls-not-supported', reason: said }, outcome: demand.tls === 'must' ? 'deferred' : 'clear text' })
      if (demand.tls !== 'must') return undefined
      const isLasting = answer === undefined && demand.by === texts.sendersDemand
      return isLasting ? texts.noTlsForSender(this.#connection.address) : texts.noTls(demand.by, said)
    }
    return (await this.#secure(demand, heard)) ?? this.#sayHello()
  }

  async #secure(demand: Demand, heard: Introduction['heard']): Promise<string | typeof inClear | undefined> {
    const { host } = this.#wanted
    let socket: TLSSocket
    try {
      socket = await this.#connection.secure((plain) => shakeHands(plain, host, demand))
    } catch (error) {
      if (!(error instanceof TlsFailed)) throw error
      const failure = { type: 'validation-failure', reason: error.message } as const
      heard({ failure, outcome: demand.tls === 'must' ? 'deferred' : 'clear text' })
      return demand.tls === 'must' ? texts.noTls(demand.by, error.message) : inClear
    }
    this.#socket = socket
    const version = socket.getProtocol() ?? 'TLS'
    const shown = shownBy(socket, demand)
    if (shown !== undefined && 'type' in shown) {
      heard({ version, failure: shown, outcome: demand.tls === 'must' ? 'deferred' : 'tls' })
      if (demand.tls === 'must') return texts.noTls(demand.by, shown.reason)
    } else heard({ version, ...shown, outcome: 'tls' })
    this.#connection.version = version
    this.#connection.shown = shown !== undefined && 'verified' in shown ? proofKey(host, demand.proof) : ''
    return undefined
  }

  async logIn(): Promise<string | undefined> {
    const { login, host } = this.#wanted
    if (login === undefined) return undefined
    this.#connection.user = login.user
    return authenticate(this.#connection, login, host, this.#socket)
  }

  async #greet(): Promise<string | undefined> {
    const greeting = await this.#connection.reply()
    return greeting.code === 220 ? undefined : texts.badGreeting(this.#connection.address, greeting.text)
  }

  /** EHLO, and HELO to a host that does not know it. */
  async #sayHello(): Promise<string | undefined> {
    const answer = await this.#ask(`EHLO ${this.#wanted.heloHost}`)
    if (Math.floor(answer.code / 100) === 5) return this.#sayHelo()
    if (answer.code !== 250) return texts.badName(this.#connection.address, answer.text)
    this.#connection.capabilities = capabilitiesIn(answer.text)
    return undefined
  }

  async #sayHelo(): Promise<string | undefined> {
    const answer = await this.#ask(`HELO ${this.#wanted.heloHost}`)
    return answer.code === 250 ? undefined : texts.badName(this.#connection.address, answer.text)
  }

  #ask(command: string): Promise<Reply> {
    this.#connection.command(command)
    return this.#connection.reply()
  }
}

/** What the host has shown of what is asked of it; undefined where nothing is. */
function shownBy(socket: TLSSocket, { fault, proof }: Demand): Shown | undefined {
  if (fault !== undefined) return { type: 'validation-failure', reason: fault }
  return proof === undefined ? undefined : verifyHost(socket, proof)
}

/** @param text - of the whole reply, each line with its code */
function capabilitiesIn(text: string): Map<string, string> {
  const capabilities = new Map<string, string>()
  for (const line of text.split('\n').slice(1)) {
    const [keyword = '', ...rest] = line
      .slice('250-'.length)
      .trim()
      .split(/[ \t]+/)
    if (keyword !== '') capabilities.set(keyword.toUpperCase(), rest.join(' '))
  }
  return capabilities
}
