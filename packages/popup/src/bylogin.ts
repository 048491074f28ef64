/**
 * Logins that authd judges: the way without rights. This process becomes the account `front` before it hears a client, and hands the connection on
 * with what the client has said; the session that comes of it is another program's, of which it knows the end.
 */
import { complain } from '@yabumi/commandline'
import { LoginAttempt, type Outcome, type Session } from '@yabumi/loginprotocol'
import { descriptorOf } from '@yabumi/posix'
import type { Behind, Knock, Visitor } from './behind.ts'
import type { Answer, Credentials } from './login.ts'

/** What a client hears whose login could not be judged (RFC 3206). */
export const notNow = '-ERR [SYS/TEMP] unable to check the login now, try again later'
const refused = '-ERR authorization failed'

export function answerTo({ kind }: Outcome): Answer {
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
      leave: () => attempt.close(),
    }
  }

  endSessions(): void {
    this.#isEnding = true
    for (const session of this.#sessions) session.end()
  }

  async #admit(attempt: LoginAttempt, credentials: Credentials, { socket, ends, letGo }: Visitor): Promise<Answer> {
    const { address } = ends.remote
    const outcome = await attempt.logIn(credentials, address, this.#words, descriptorOf(socket))
    if (outcome.kind === 'session') await this.#stay(outcome.session, letGo, `${printable(credentials.login)} from ${address}`)
    else complain(`popup: refused ${address}: ${outcome.text}: ${quoted(credentials.login)}`)
    return answerTo(outcome)
  }

  /** The session's connection is no longer ours to read or write: only its end is. */
  async #stay(session: Session, letGo: () => void, who: string): Promise<void> {
    complain(`popup: pid ${session.pid} for ${who}`)
    this.#sessions.add(session)
    letGo()
    if (this.#isEnding) session.end()
    const status = await session.over
    this.#sessions.delete(session)
    complain(`popup: end ${session.pid} status ${status === '' ? 'unknown' : status}`)
  }
}

/** A login as it stands in the log: it comes from strangers. */
export function printable(login: string): string {
  return login.slice(0, 64).replace(/[^!-~]/g, '?')
}

const longestWord = 100

/** The same as the last word of a line, without loss: `=XX` for what is not printable, and for the sign itself. */
function quoted(login: string): string {
  return login.replace(/[^!-<>-~]/g, (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`).slice(0, longestWord)
}
