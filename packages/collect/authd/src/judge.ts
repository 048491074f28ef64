/**
 * Whose login is checked when, and what is remembered of how it went. It is the same for every protocol and every way
 * to prove a password.
 *
 * A login that was right a short while ago is right without a slow hash. Wrong ones slow down who guesses, by login and
 * by client.
 */
import { complain } from '@yabumi/commandline'
import { loginChecks, wrongPasswords } from '@yabumi/limits'
import type { LoginRecord } from '@yabumi/loginprotocol'
import { logSafe, Seldom } from '@yabumi/logline'
import { errorText } from '@yabumi/trouble'
import type { Acquaintances } from './acquaintances.ts'
import { Failures } from './failures.ts'
import { Line } from './line.ts'
import { networkOf } from './network.ts'
import type { Passwords } from './passwords.ts'
import { Proofs } from './proofs.ts'
import { WrongPasswords } from './wrong.ts'

const crowded: LoginRecord = ['trouble', 'too many logins wait']
const refused: LoginRecord = ['trouble', 'too many failed logins of this client']
const slowed: LoginRecord = ['trouble', 'too many wrong passwords for this login']
/** The same for a login that does not exist; no guess of a password. */
export const noSecret: LoginRecord = ['wrong', 'no secret for APOP is stored for it']

/** Who wants in: byte strings, and the user number of the program that says so. */
export interface Applicant {
  readonly login: string
  readonly address: string
  readonly caller: number
}

export interface Judgement {
  /** `right`, or what the front hears. */
  readonly answer: LoginRecord
  /** For which the client should wait for it. */
  readonly seconds: number
}

export class Judge {
  readonly #passwords: Passwords
  readonly #known: Acquaintances
  readonly #proofs = new Proofs()
  readonly #wrong = new WrongPasswords()
  readonly #seldom = new Seldom((line) => complain(`authd: ${line}`))
  readonly #failures = new Failures((line) => this.#seldom.say('failures', line))
  readonly #line = new Line(() =>
    this.#seldom.say('crowded', `${loginChecks} passwords are checked and no more can wait: who waits most is told to try again later`),
  )

  constructor(passwords: Passwords, known: Acquaintances) {
    this.#passwords = passwords
    this.#known = known
  }

  /** Whether a client has failed so often that it should not be heard. */
  refuses(address: string): boolean {
    const { client } = networkOf(address)
    return !this.#known.knows(client) && this.#failures.areMany(client, performance.now())
  }

  /**
   * @param check - says `right`, `session`, `wrong` or `trouble`; called when it is the client's turn
   * @param secret - a password that may have been right of late; undefined for every other proof, and where somebody else checks
   */
  async judge({ login, address, caller }: Applicant, check: () => Promise<LoginRecord>, secret?: string): Promise<Judgement> {
    const { client, network } = networkOf(address)
    if (this.refuses(address)) return { answer: refused, seconds: 0 }
    try {
      if (secret !== undefined && this.#isProven(client, login, secret)) return this.#right(client, login)
      const end = await this.#line.turn({ caller, client, network, isKnown: this.#known.knows(client) })
      if (end === undefined) return { answer: crowded, seconds: 0 }
      try {
        if (!this.#known.knows(client, login) && !this.#wrong.mayTry(login, performance.now())) return { answer: slowed, seconds: 0 }
        const answer = await check()
        if (answer[0] === 'right' || answer[0] === 'session') return this.#right(client, login, answer)
        return { answer, seconds: answer[0] === 'wrong' && answer !== noSecret ? this.#guessed(client, login) : 0 }
      } finally {
        end()
      }
    } catch (error) {
      this.#seldom.say('trouble', errorText(error))
      return { answer: ['trouble', 'the passwords cannot be read'], seconds: 0 }
    }
  }

  /** It was right just now: for a while it is right without being checked. @param line - of the password file */
  prove(login: string, secret: string, line: string): void {
    this.#proofs.add(login, secret, line, performance.now())
  }

  /**
   * Whether this was right a short while ago. Only a client that has logged in to it well may ask, and nobody while wrong passwords come: a guess
   * would cost nothing here.
   */
  #isProven(client: string, login: string, secret: string): boolean {
    if (!this.#known.knows(client, login) || this.#wrong.areMany(login, performance.now())) return false
    const found = this.#passwords.find(login)
    return found !== undefined && this.#proofs.isProven(login, secret, found.line, performance.now())
  }

  #guessed(client: string, login: string): number {
    if (this.#wrong.add(login, performance.now())) {
      this.#seldom.say(`wrong ${login}`, `${logSafe(login)}: ${wrongPasswords} wrong passwords: strangers are checked now and then only`)
    }
    return this.#failures.add(client, performance.now())
  }

  #right(client: string, login: string, answer: LoginRecord = ['right']): Judgement {
    this.#known.add(client, login)
    this.#failures.forget(client)
    return { answer, seconds: 0 }
  }
}
