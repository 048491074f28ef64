/**
 * Logins that authd judges: the way without rights.
 *
 * This process becomes the account `front` before it hears a client. It hands the connection on with what the client
 * has said. The session that comes of it is another program's, of which it knows the end.
 */
import { askMechanisms, LoginAttempt, LoginExchange, type Outcome, type Session } from '@yabumi/loginprotocol'
import type { Behind, Knock, Visitor } from './behind.ts'
import type { ClientLog } from './clientlog.ts'
import type { Answer, Credentials, Sasl } from './login.ts'

/** What a client hears whose login could not be judged (RFC 3206). */
export const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later'
const refused = '-ERR authorization failed'

export function answerTo({ kind }: Pick<Outcome, 'kind'>): Answer {
  return { isWrong: kind === 'wrong', word: kind === 'session' ? '' : kind === 'wrong' ? refused : notNow }
}

export class ByLogin implements Behind {
  readonly #hostName: string
  readonly #words: readonly string[]
  readonly #sessions = new Set<Session>()
  #isEnding = false

  /** @param words - what serves a client, as sessiond was told as well */
  constructor(hostName: string, words: readonly string[]) {
    this.#hostName = hostName
    this.#words = words
  }

  async knock(): Promise<Knock> {
    const attempt = await LoginAttempt.begin(this.#hostName)
    return {
      challenge: attempt.challenge,
      isExact: true,
      admit: (credentials, visitor) => this.#admit(attempt, credentials, visitor),
      saslFor: (visitor, binding) => this.#saslFor(visitor, binding),
      leave: () => attempt.close(),
    }
  }

  endSessions(): void {
    this.#isEnding = true
    for (const session of this.#sessions) session.end()
  }

  async #admit(attempt: LoginAttempt, credentials: Credentials, { fd, ends, log, letGo }: Visitor): Promise<Answer> {
    const outcome = await attempt.logIn(credentials, ends.remote.address, this.#words, fd)
    if (outcome.kind === 'session') await this.#stay(outcome.session, letGo, credentials.login, log)
    else tellOutcome(outcome, credentials.login, log)
    return answerTo(outcome)
  }

  #saslFor(visitor: () => Visitor, binding: Buffer | undefined): Sasl {
    return {
      mechanisms: async () => {
        const known = await askMechanisms(visitor().ends.remote.address)
        if (known === undefined || known === 'refused') return []
        const plus = binding === undefined ? [] : known.filter((name) => name.startsWith('SCRAM-')).map((name) => `${name}-PLUS`)
        return [...plus, ...known.filter((name) => name !== 'CRAM-MD5')]
      },
      logIn: async (mechanism, initial, ask) => {
        const { fd, ends, log, letGo } = visitor()
        const exchange = new LoginExchange(ends.remote.address, binding, { words: this.#words, connection: fd })
        let step = await exchange.begin(mechanism, initial)
        while (step.kind === 'challenge') {
          const response = await ask(step.text)
          if (response === undefined) {
            exchange.close()
            return { isWrong: true, word: '-ERR the login was given up' }
          }
          step = await exchange.respond(response)
        }
        switch (step.kind) {
          case 'session':
            await this.#stay(step.session, letGo, step.login, log)
            return answerTo(step)
          case 'unknown':
            return { isWrong: true, word: '-ERR no such mechanism' }
          case 'malformed':
            return { isWrong: true, word: '-ERR that is no response of this mechanism' }
          case 'wrong':
            tellOutcome(step, step.login, log)
            return answerTo(step)
          default:
            log?.notJudged(step.kind === 'trouble' ? step.text : 'authd started no session', step.login)
            return { isWrong: false, word: notNow }
        }
      },
    }
  }

  /** The session's connection is no longer ours to read or write: only its end is. */
  async #stay(session: Session, letGo: () => void, login: string, log: ClientLog | undefined): Promise<void> {
    log?.began(session.pid, login, true)
    this.#sessions.add(session)
    letGo()
    if (this.#isEnding) session.end()
    const status = await session.over
    this.#sessions.delete(session)
    log?.served(session.pid, status === '' ? 'unknown' : status, true)
  }
}

/** A login that led to no session. */
export function tellOutcome({ kind, text }: Exclude<Outcome, { kind: 'session' }>, login: string, log: ClientLog | undefined): void {
  if (kind === 'wrong') log?.wrong(text, login)
  else log?.notJudged(text, login)
}
