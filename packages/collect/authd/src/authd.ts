/**
 * What authd answers: a challenge and whether a login is right, to the programs that speak to strangers; a new password, to root and the
 * home's owner.
 */
import { closeSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { readControl } from '@yabumi/control'
import { challengeSeconds, loginCallSeconds, loginChecks, wrongPasswords } from '@yabumi/limits'
import type { Conversation, LoginRecord } from '@yabumi/loginprotocol'
import { logSafe, Seldom } from '@yabumi/logline'
import { hashPassword, loginTrouble, matches, passwordTrouble } from '@yabumi/password'
import { PopSwitch } from '@yabumi/pop3'
import { errorText } from '@yabumi/trouble'
import type { Acquaintances } from './acquaintances.ts'
import { newChallenge, offersApop } from './challenges.ts'
import { Line } from './line.ts'
import { networkOf } from './network.ts'
import type { Passwords } from './passwords.ts'
import { Proofs } from './proofs.ts'
import { startSession } from './sessions.ts'
import { WrongPasswords } from './wrong.ts'

export type Caller = 'front' | 'owner'

const crowded: LoginRecord = ['trouble', 'too many logins wait']
const slowed: LoginRecord = ['trouble', 'too many wrong passwords for this login']
/** The same for a login that does not exist. */
const noSecret: LoginRecord = ['wrong', 'no secret for APOP is stored for it']

interface Claim {
  readonly method: string
  readonly login: string
  readonly secret: string
  readonly address: string
  readonly challenge: string | undefined
  readonly caller: number
}

export class Authority {
  readonly #passwords: Passwords
  readonly #known: Acquaintances
  readonly #proofs = new Proofs()
  readonly #wrong = new WrongPasswords()
  readonly #seldom = new Seldom((line) => complain(`authd: ${line}`))
  readonly #apop = new PopSwitch('apop', (line) => this.#seldom.say('apop', line))
  readonly #line = new Line(() =>
    this.#seldom.say('crowded', `${loginChecks} passwords are checked and no more can wait: who waits most is told to try again later`),
  )

  constructor(passwords: Passwords, known: Acquaintances) {
    this.#passwords = passwords
    this.#known = known
  }

  /** Answer one caller. Never throws. */
  async answer(conversation: Conversation, callers: ReadonlySet<Caller>, uid: number): Promise<void> {
    try {
      let record = await conversation.record(loginCallSeconds)
      let challenge: string | undefined
      if (record?.[0] === 'challenge' && callers.has('front')) {
        challenge = this.#challenge(record[1] ?? '')
        await conversation.say(['challenge', challenge ?? ''])
        if (challenge === undefined) return
        record = await conversation.record(challengeSeconds) // it is good for this one, once
      }
      if (record?.[0] === 'login' && callers.has('front')) await this.#logIn(conversation, record, challenge, uid)
      else if (record?.[0] === 'store' && callers.has('owner')) await conversation.say(await this.#store(record))
    } catch (error) {
      if (!conversation.isOver) this.#seldom.say('call', `a call of uid ${uid} failed: ${errorText(error)}`)
    }
  }

  #challenge(hostName: string): string | undefined {
    try {
      return offersApop(this.#passwords, this.#apop.isOn) ? newChallenge(hostName) : undefined
    } catch (error) {
      this.#seldom.say('trouble', errorText(error))
      return undefined
    }
  }

  async #logIn(conversation: Conversation, record: LoginRecord, challenge: string | undefined, caller: number): Promise<void> {
    const [, method = '', login = '', secret = '', address = '', ...words] = record
    const claim: Claim = { method, login, secret, address, challenge, caller }
    const isForeign = readControl('checkpassword') !== undefined
    const start = async (order: LoginRecord): Promise<LoginRecord> => {
      const connection = await conversation.descriptor()
      try {
        const session = await conversation.descriptor()
        try {
          return await startSession(order, [connection, session])
        } finally {
          closeSync(session)
        }
      } finally {
        closeSync(connection)
      }
    }
    const answer = await this.#judge(claim, isForeign ? () => start(['check', login, secret, ...words]) : undefined)
    await conversation.say(answer[0] === 'right' ? await start(['session', login, ...words]) : answer)
  }

  /**
   * @param check - asks a checker of the administrator's, and has it start the session; undefined where the password file decides
   * @returns `right`, or the answer to the front
   */
  async #judge(claim: Claim, check: (() => Promise<LoginRecord>) | undefined): Promise<LoginRecord> {
    const { method, login, secret, challenge, caller } = claim
    const { client, network } = networkOf(claim.address)
    try {
      if (check === undefined && method === 'pass' && this.#isProven(client, login, secret)) return this.#right(client, login)
      const end = await this.#line.turn({ caller, client, network, isKnown: this.#known.knows(client) })
      if (end === undefined) return crowded
      try {
        if (!this.#known.knows(client, login) && !this.#wrong.mayTry(login, performance.now())) return slowed
        const answer = await (check === undefined ? this.#check(method, login, secret, challenge) : check())
        const isGuess = answer[0] === 'wrong' && answer !== noSecret
        if (isGuess && this.#wrong.add(login, performance.now())) {
          this.#seldom.say(
            `wrong ${login}`,
            `${logSafe(login)}: ${wrongPasswords} wrong passwords: strangers are checked now and then only`,
          )
        }
        return answer[0] === 'right' || answer[0] === 'session' ? this.#right(client, login, answer) : answer
      } finally {
        end()
      }
    } catch (error) {
      this.#seldom.say('trouble', errorText(error))
      return ['trouble', 'the passwords cannot be read']
    }
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

  /** The slow hash, whether or not the login exists. */
  async #check(method: string, login: string, secret: string, challenge: string | undefined): Promise<LoginRecord> {
    const found = this.#passwords.find(login)
    const digestOf = method === 'apop' && challenge !== undefined ? Buffer.from(challenge, 'latin1') : undefined
    if (!(await matches(found?.entry, Buffer.from(secret, 'latin1'), digestOf))) {
      return method === 'apop' && found?.entry.secret === undefined ? noSecret : ['wrong']
    }
    if (found !== undefined && method === 'pass') this.#proofs.add(login, secret, found.line, performance.now())
    return ['right']
  }

  #right(client: string, login: string, answer: LoginRecord = ['right']): LoginRecord {
    this.#known.add(client, login)
    return answer
  }

  async #store([, login = '', apop, text = '']: LoginRecord): Promise<LoginRecord> {
    try {
      const secret = Buffer.from(text, 'latin1')
      const problem = loginTrouble(login) ?? passwordTrouble(secret)
      if (problem !== undefined) return ['trouble', problem]
      await this.#passwords.store(login, { hash: await hashPassword(secret), secret: apop === 'apop' ? secret : undefined })
      return ['stored']
    } catch (error) {
      return ['trouble', errorText(error)]
    }
  }
}
