/**
 * Logins that authd judges: the way without rights.
 *
 * This process becomes the account `front` before it hears a client. It hands the connection on with what the client
 * has said. The session that comes of it is another program's, of which it knows the end.
 */
import type { Answer, ClientLog, Credentials, Sasl } from '@yabumi/loginclient'
import { askMechanisms, LoginAttempt, LoginExchange, type Outcome, type Session } from '@yabumi/loginprotocol'
import { closeAtOnce, copyDescriptor } from '@yabumi/posix'
import type { Behind, Knock, Visitor } from './behind.ts'
import { Parked } from './parked.ts'

/** What a client hears, in the words of its protocol. */
export interface Phrases {
  /** Its login is not right. */
  readonly refused: string
  /** Its login could not be judged. */
  readonly notNow: string
  readonly givenUp: string
  readonly noMechanism: string
  readonly malformed: string
}

/** What a client hears whose login led to this. */
export function answerTo({ kind }: Pick<Outcome, 'kind'>, { refused, notNow }: Phrases): Answer {
  return { isWrong: kind === 'wrong', word: kind === 'session' ? '' : kind === 'wrong' ? refused : notNow }
}

export class ByLogin implements Behind {
  readonly #hostName: string
  readonly #words: readonly string[]
  readonly #phrases: Phrases
  readonly #mayRest: boolean
  readonly #sessions = new Set<Session>()
  #isEnding = false

  /**
   * @param words - what serves a client, as sessiond was told as well
   * @param mayRest - whether it may come to rest
   */
  constructor(hostName: string, words: readonly string[], phrases: Phrases, mayRest: boolean) {
    this.#hostName = hostName
    this.#words = words
    this.#phrases = phrases
    this.#mayRest = mayRest
  }

  async knock(): Promise<Knock> {
    const attempt = await LoginAttempt.begin(this.#hostName)
    return {
      challenge: attempt.challenge,
      isExact: true,
      admit: (credentials, visitor, words = []) => this.#admit(attempt, credentials, visitor, words),
      saslFor: (visitor, binding) => this.#saslFor(visitor, binding),
      leave: () => attempt.close(),
    }
  }

  endSessions(): void {
    this.#isEnding = true
    for (const session of this.#sessions) session.end()
  }

  async #admit(attempt: LoginAttempt, credentials: Credentials, visitor: Visitor, words: readonly string[]): Promise<Answer> {
    const outcome = await attempt.logIn(credentials, visitor.ends.remote.address, [...this.#words, ...words], visitor.fd)
    if (outcome.kind === 'session') await this.#stay(outcome.session, visitor, credentials.login)
    else tellOutcome(outcome, credentials.login, visitor.log)
    return answerTo(outcome, this.#phrases)
  }

  #saslFor(visitor: () => Visitor, binding: Buffer | undefined): Sasl {
    return {
      mechanisms: async () => {
        const known = await askMechanisms(visitor().ends.remote.address)
        if (known === undefined || known === 'refused') return []
        const plus = binding === undefined ? [] : known.filter((name) => name.startsWith('SCRAM-')).map((name) => `${name}-PLUS`)
        return [...plus, ...known.filter((name) => name !== 'CRAM-MD5')]
      },
      logIn: async (mechanism, initial, ask, words = []) => {
        const client = visitor()
        const { fd, ends, log } = client
        const exchange = new LoginExchange(ends.remote.address, binding, { words: [...this.#words, ...words], connection: fd })
        let step = await exchange.begin(mechanism, initial)
        while (step.kind === 'challenge') {
          const response = await ask(step.text)
          if (response === undefined) {
            exchange.close()
            return { isWrong: true, word: this.#phrases.givenUp }
          }
          step = await exchange.respond(response)
        }
        switch (step.kind) {
          case 'session':
            await this.#stay(step.session, client, step.login)
            return answerTo(step, this.#phrases)
          case 'unknown':
            return { isWrong: true, word: this.#phrases.noMechanism }
          case 'malformed':
            return { isWrong: true, word: this.#phrases.malformed }
          case 'wrong':
            tellOutcome(step, step.login, log)
            return answerTo(step, this.#phrases)
          default:
            log?.notJudged(step.kind === 'trouble' ? step.text : 'authd started no session', step.login)
            return { isWrong: false, word: this.#phrases.notNow }
        }
      },
    }
  }

  /**
   * The session's connection is no longer ours to read or write, until the session rests: only its end is. One that may rest is kept here, since
   * what a user's process would give back could be anything.
   */
  async #stay(session: Session, { fd, letGo, log }: Visitor, login: string): Promise<void> {
    log?.began(session.pid, login, true)
    this.#sessions.add(session)
    const kept = this.#mayRest ? copyDescriptor(fd) : undefined
    letGo()
    let parked: Parked | undefined
    if (kept !== undefined) {
      session.onParked = (rests) => {
        parked = new Parked(kept, rests, { revive: (fd, bytes) => session.revive(fd, bytes), end: () => session.end() })
        if (this.#isEnding) session.end()
      }
    }
    if (this.#isEnding) session.end()
    const status = await session.over
    parked?.hangUp()
    if (kept !== undefined) closeAtOnce(kept)
    this.#sessions.delete(session)
    log?.served(session.pid, status === '' ? 'unknown' : status, true)
  }
}

/** A login that led to no session. */
export function tellOutcome({ kind, text }: Exclude<Outcome, { kind: 'session' }>, login: string, log: ClientLog | undefined): void {
  if (kind === 'wrong') log?.wrong(text, login)
  else log?.notJudged(text, login)
}
