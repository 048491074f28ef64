/**
 * What a front asks of authd for one client: a challenge to greet it with, and then whether its login is right.
 *
 * Never   takes silence for "wrong": whatever keeps authd or sessiond from an answer is trouble, and says try again
 */
import { closeSync } from 'node:fs'
import { authAnswerSeconds, authGreetingSeconds, credentialsBytes, loginBytes } from '@yabumi/limits'
import { socketPair } from '@yabumi/posix'
import { errnoOf, errorText } from '@yabumi/trouble'
import { Conversation } from './conversation.ts'
import type { LoginRecord } from './record.ts'
import { authSocket, foreverSeconds } from './words.ts'

/** What a client has sent. Byte strings. */
export interface Proof {
  /** `pass`: the password itself; `apop`: a digest of challenge and password (RFC 1939 §7). */
  readonly method: 'pass' | 'apop'
  readonly login: string
  readonly secret: string
}

/** What became of it; the text is for the log, and says why. */
export type Outcome =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'wrong'; readonly text: string }
  | { readonly kind: 'trouble'; readonly text: string }

export class LoginAttempt {
  /** In angle brackets; undefined where APOP is not to be had. */
  readonly challenge: string | undefined
  readonly #conversation: Conversation | undefined

  private constructor(challenge?: string, conversation?: Conversation) {
    this.challenge = challenge
    this.#conversation = conversation
  }

  /** Ask for a challenge. The working directory is the home. Never throws: without authd there is none. */
  static async begin(hostName: string): Promise<LoginAttempt> {
    try {
      const conversation = await Conversation.connect(authSocket)
      await conversation.say(['challenge', hostName])
      const [kind, challenge = ''] = (await conversation.record(authGreetingSeconds)) ?? []
      if (kind === 'challenge' && challenge !== '') return new LoginAttempt(challenge, conversation)
      conversation.close()
    } catch {
      // nobody there: whoever logs in will hear it
    }
    return new LoginAttempt()
  }

  /**
   * Have the proof checked and, if it is right, the session started.
   *
   * @param client - where the client is, as text
   * @param words - what shall serve it: the command that sessiond was started with
   * @param connection - descriptor of the socket to the client; stays open here
   */
  async logIn(proof: Proof, client: string, words: readonly string[], connection: number): Promise<Outcome> {
    if (proof.method === 'apop' && this.challenge === undefined) return wrong()
    if (proof.login.length > loginBytes || proof.secret.length > credentialsBytes) return wrong() // nobody has stored such
    const [ours, theirs] = socketPair()
    const session = new Session(ours)
    try {
      const record = ['login', proof.method, proof.login, proof.secret, client, ...words]
      const conversation = await this.#ask(record, connection, theirs, proof.method === 'apop')
      if (conversation === undefined) return trouble('the challenge was too old')
      try {
        const [kind, text = ''] = (await conversation.record(authAnswerSeconds)) ?? []
        if (kind === 'session') session.pid = Number(text)
        else session.end()
        return kind === 'session' ? { kind, session } : kind === 'wrong' ? wrong(text) : trouble(text || 'authd did not answer')
      } finally {
        conversation.close()
      }
    } catch (error) {
      session.end()
      return trouble(`unable to ask authd: ${errorText(error)}`)
    } finally {
      closeSync(theirs)
    }
  }

  /**
   * Say it where the challenge came from. Once that is too old, or its authd has gone, only a proof that has nothing to do with it is said anew.
   *
   * @returns where the answer will come; undefined if it has to do with the challenge
   * @throws the system's error if authd cannot be asked
   */
  async #ask(record: LoginRecord, connection: number, session: number, isBound: boolean): Promise<Conversation | undefined> {
    try {
      await this.#conversation?.say(record, connection, session)
      if (this.#conversation !== undefined) return this.#conversation
    } catch {
      this.#conversation?.close()
    }
    if (isBound) return undefined
    const conversation = await Conversation.connect(authSocket)
    try {
      await conversation.say(record, connection, session)
    } catch (cause) {
      if (errnoOf(cause) !== 'EPIPE') throw cause // else it has answered before it heard all, as it does where it checks nothing
    }
    return conversation
  }

  /** The client has gone, or is let go. */
  close(): void {
    this.#conversation?.close()
  }
}

/** A session that rests, without a process: what its front learns of it. Descriptors are the taker's. */
export interface ParkedSession {
  /** Of inotify: becomes readable when the session has to be served again. */
  readonly watch: number | undefined
  /** What the client is told from time to time, so that it sees that we are there; may be empty. */
  readonly signOfLife: string
  /** What it hears at the end. */
  readonly lastWord: string
}

/**
 * The front's end of a session that another program serves: it tells when that is over, and its close ends it.
 *
 *     over STATUS
 *     parked SIGN WORD WATCH, with a descriptor if WATCH is 1
 *     revive BYTES (base64), with the connection: from the front, once for each `parked`
 */
export class Session {
  readonly #conversation: Conversation
  pid = 0
  /** Resolves with the exit code or signal that sessiond told; with the empty string if it could not tell. */
  readonly over: Promise<string>
  /** Hears of it when the session comes to rest; without it such a session ends. */
  onParked: ((parked: ParkedSession) => void) | undefined

  /** @param fd - taken over */
  constructor(fd: number) {
    this.#conversation = Conversation.accepted(fd)
    this.over = this.#listen()
  }

  /** Have it served again. @param connection - stays open here. @param bytes - of the client, that were read. @throws the system's error */
  revive(connection: number, bytes: Buffer): Promise<void> {
    return this.#conversation.say(['revive', bytes.toString('base64')], connection)
  }

  end(): void {
    this.#conversation.close()
  }

  async #listen(): Promise<string> {
    for (;;) {
      const [what, ...words] = (await this.#conversation.record(foreverSeconds)) ?? []
      if (what === 'parked') await this.#park(words).catch(() => this.end())
      else {
        this.end()
        return what === 'over' ? (words[0] ?? '') : ''
      }
    }
  }

  async #park([signOfLife = '', lastWord = '', watches]: LoginRecord): Promise<void> {
    const watch = watches === '1' ? await this.#conversation.descriptor('watch') : undefined
    if (this.onParked !== undefined) return this.onParked({ watch, signOfLife, lastWord })
    if (watch !== undefined) closeSync(watch)
    this.end()
  }
}

function wrong(text: string = ''): Outcome {
  return { kind: 'wrong', text: text || 'wrong login or password' }
}

function trouble(text: string): Outcome {
  return { kind: 'trouble', text }
}
