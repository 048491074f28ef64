/**
 * One exchange of a mechanism (SASL) between a client and authd, which a front carries: it understands neither, and
 * learns the end.
 *
 * Never   takes silence for "wrong", as attempt.ts has it
 */
import { closeSync } from 'node:fs'
import { authAnswerSeconds, authGreetingSeconds } from '@yabumi/limits'
import { socketPair } from '@yabumi/posix'
import { errorText } from '@yabumi/trouble'
import { Session } from './attempt.ts'
import { Conversation } from './conversation.ts'
import type { LoginRecord } from './record.ts'
import { authSocket } from './words.ts'

/** What authd says to what the client has said; logins and texts are byte strings. */
export type ExchangeStep =
  /** The client is to hear it, and to respond; base64 */
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'right'; readonly login: string }
  | { readonly kind: 'session'; readonly login: string; readonly session: Session }
  /** The answer should wait so many seconds. */
  | { readonly kind: 'wrong'; readonly login: string; readonly text: string; readonly seconds: number }
  /** No such mechanism, or no response of it. */
  | { readonly kind: 'unknown' | 'malformed' }
  | { readonly kind: 'trouble'; readonly login: string; readonly text: string }

/** What shall serve the client if the login is right. */
export interface Service {
  readonly words: readonly string[]
  /** Descriptor of its connection; stays open here. */
  readonly connection: number
}

export class LoginExchange {
  readonly #client: string
  readonly #binding: string
  readonly #service: Service | undefined
  #conversation: Conversation | undefined

  /**
   * @param client - where it is, as text
   * @param binding - of the channel (RFC 9266); undefined where it has none, or -PLUS was not offered
   * @param service - undefined where it is only to be known who it is
   */
  constructor(client: string, binding: Buffer | undefined, service?: Service) {
    this.#client = client
    this.#binding = binding?.toString('base64') ?? ''
    this.#service = service
  }

  /** @param mechanism - in capitals. @param initial - base64; empty if there is none, `=` if it is empty. Never rejects */
  async begin(mechanism: string, initial: string): Promise<ExchangeStep> {
    try {
      this.#conversation = await Conversation.connect(authSocket)
    } catch (error) {
      return trouble(error)
    }
    return this.#say(['auth', mechanism, this.#client, this.#binding, initial, ...(this.#service?.words ?? [])])
  }

  /** @param response - base64. Never rejects */
  respond(response: string): Promise<ExchangeStep> {
    return this.#say(['response', response])
  }

  /** The client has given up, or has gone. */
  close(): void {
    this.#conversation?.close()
  }

  async #say(record: LoginRecord): Promise<ExchangeStep> {
    try {
      await this.#conversation?.say(record)
      const answer = await this.#conversation?.record(authAnswerSeconds)
      if (answer?.[0] === 'connection' && this.#service !== undefined) return await this.#handOver(this.#service)
      const step = stepOf(answer ?? [])
      if (step.kind !== 'challenge') this.close()
      return step
    } catch (error) {
      this.close()
      return trouble(error)
    }
  }

  async #handOver({ connection }: Service): Promise<ExchangeStep> {
    const [ours, theirs] = socketPair()
    const session = new Session(ours)
    try {
      await this.#conversation?.say(['connection'], connection, theirs)
      const answer = (await this.#conversation?.record(authAnswerSeconds)) ?? []
      const [kind, text = '', login = ''] = answer
      if (kind === 'session') {
        session.pid = Number(text)
        return { kind, session, login }
      }
      session.end()
      return stepOf(answer)
    } catch (error) {
      session.end()
      return trouble(error)
    } finally {
      closeSync(theirs)
      this.close()
    }
  }
}

function stepOf([kind, text = '', login = '', seconds = '0']: LoginRecord): ExchangeStep {
  switch (kind) {
    case 'challenge':
      return { kind, text }
    case 'right':
      return { kind, login }
    case 'wrong':
      return { kind, login, text: text || 'wrong login or password', seconds: Number(seconds) }
    case 'unknown':
    case 'malformed':
      return { kind }
    default:
      return { kind: 'trouble', login, text: text || 'authd did not answer' }
  }
}

function trouble(error: unknown): ExchangeStep {
  return { kind: 'trouble', login: '', text: `unable to ask authd: ${errorText(error)}` }
}

/**
 * Which mechanisms a client may use.
 *
 * @param client - where it is, as text
 * @returns names, the best first, without -PLUS; `refused` for a client that has failed too often; undefined if authd does not say. Never rejects
 */
export async function askMechanisms(client: string): Promise<readonly string[] | 'refused' | undefined> {
  try {
    const conversation = await Conversation.connect(authSocket)
    try {
      await conversation.say(['mechanisms', client])
      const [kind, ...names] = (await conversation.record(authGreetingSeconds)) ?? []
      return kind === 'refused' ? kind : kind === 'mechanisms' ? names : undefined
    } finally {
      conversation.close()
    }
  } catch {
    return undefined // nobody there: whoever logs in will hear it
  }
}
