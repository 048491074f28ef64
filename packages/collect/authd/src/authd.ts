/**
 * What authd answers. The programs that speak to strangers hear challenges, what may be offered and whether a login is
 * right. Root and the home's owner may store a new password.
 */
import { closeSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { readControl, readLine } from '@yabumi/control'
import { challengeSeconds, loginCallSeconds } from '@yabumi/limits'
import type { Conversation, LoginRecord } from '@yabumi/loginprotocol'
import { Seldom } from '@yabumi/logline'
import { loginTrouble, newEntry, passwordTrouble } from '@yabumi/password'
import { PopSwitch } from '@yabumi/pop3'
import { startServer } from '@yabumi/sasl'
import { errorText } from '@yabumi/trouble'
import { newChallenge, newNonce, offersApop } from './challenges.ts'
import type { Checks } from './checks.ts'
import { type Claim, challenge, claimOf } from './exchange.ts'
import type { Applicant, Judge } from './judge.ts'
import type { Offers } from './offers.ts'
import type { Passwords } from './passwords.ts'
import { startSession, verifyForeign, verifyToken } from './sessions.ts'

export type Caller = 'front' | 'owner'

/** Those who say that a login is right, and what they need. */
export interface Shared {
  readonly passwords: Passwords
  readonly offers: Offers
  readonly checks: Checks
  readonly judge: Judge
}

/** A checker of the administrator's decides, and starts the session. */
const isForeign = (): boolean => readControl('checkpassword') !== undefined

export class Authority {
  readonly #shared: Shared
  readonly #seldom = new Seldom((line) => complain(`authd: ${line}`))
  readonly #apop = new PopSwitch('apop', (line) => this.#seldom.say('apop', line))

  constructor(shared: Shared) {
    this.#shared = shared
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
      else if (record?.[0] === 'mechanisms' && callers.has('front')) await conversation.say(this.#mechanisms(record[1] ?? ''))
      else if (record?.[0] === 'auth' && callers.has('front')) await conversation.say(await this.#authenticate(conversation, record, uid))
      else if (record?.[0] === 'store' && callers.has('owner')) await conversation.say(await this.#store(record))
      else if (record?.[0] === 'remove' && callers.has('owner')) await conversation.say(await this.#remove(record))
    } catch (error) {
      if (!conversation.isOver || conversation.keepsStrange) this.#seldom.say('call', `a call of uid ${uid} failed: ${errorText(error)}`)
    }
  }

  #challenge(hostName: string): string | undefined {
    try {
      return offersApop(this.#shared.passwords, this.#apop.isOn) ? newChallenge(hostName) : undefined
    } catch (error) {
      this.#seldom.say('trouble', errorText(error))
      return undefined
    }
  }

  async #logIn(conversation: Conversation, record: LoginRecord, challenge: string | undefined, caller: number): Promise<void> {
    const [, method = '', login = '', secret = '', address = '', ...words] = record
    const { judge, checks } = this.#shared
    const applicant = { login, address, caller }
    const { answer } = await (isForeign()
      ? judge.judge(applicant, () => started(conversation, ['check', login, secret, ...words]))
      : method === 'apop'
        ? judge.judge(applicant, () => checks.apop(login, secret, challenge))
        : this.#judgePassword(applicant, secret))
    await conversation.say(answer[0] === 'right' ? await started(conversation, ['session', login, ...words]) : answer)
  }

  async #judgePassword(applicant: Applicant, password: string): ReturnType<Judge['judge']> {
    const { judge, checks } = this.#shared
    const proven = (line: string): void => judge.prove(applicant.login, password, line)
    return judge.judge(applicant, () => checks.password(applicant.login, password, proven), password)
  }

  #mechanisms(address: string): LoginRecord {
    try {
      return this.#shared.judge.refuses(address) ? ['refused'] : ['mechanisms', ...this.#shared.offers.mechanisms]
    } catch (error) {
      this.#seldom.say('trouble', errorText(error))
      return ['trouble', 'the passwords cannot be read']
    }
  }

  /** One exchange of a mechanism, and what comes of it. */
  async #authenticate(conversation: Conversation, record: LoginRecord, caller: number): Promise<LoginRecord> {
    const [, name = '', address = '', binding = '', initial = '', ...words] = record
    const mechanism = this.#start(name, binding)
    if (mechanism === undefined) return ['unknown']
    const claim = await claimOf(conversation, mechanism, initial)
    if (claim === undefined) return ['malformed']
    const { login } = claim
    const { answer, seconds } = await this.#judgeClaim(conversation, claim, { login, address, caller }, words)
    const [kind, text = ''] = answer
    if (kind === 'wrong' && claim.kind === 'token') await challenge(conversation, claim.refusal) // it answers, and hears the end (RFC 7628 §3.2.3)
    if (kind !== 'right') return kind === 'wrong' ? ['wrong', text, login, String(seconds)] : [kind ?? 'trouble', text, login]
    if (claim.kind === 'proven' && (await challenge(conversation, claim.text)) !== '') return ['malformed']
    return words.length === 0 ? ['right', '', login] : [...(await this.#served(conversation, ['session', login, ...words])), login]
  }

  /** @returns undefined for a mechanism that is not offered. @param binding - of the channel, in base64; empty where it has none */
  #start(name: string, binding: string): ReturnType<typeof startServer> {
    const { offers, checks } = this.#shared
    const offered = offers.mechanisms
    if (!offered.includes(name) && !(binding !== '' && name.endsWith('-PLUS') && offered.includes(name.slice(0, -'-PLUS'.length)))) {
      return undefined
    }
    return startServer(name, {
      verifierOf: (login) => checks.verifierOf(login),
      binding: binding === '' ? undefined : Buffer.from(binding, 'base64'),
      nonce: newNonce(),
      challenge: newChallenge(readLine('me') ?? ''),
    })
  }

  #judgeClaim(conversation: Conversation, claim: Claim, applicant: Applicant, words: readonly string[]): ReturnType<Judge['judge']> {
    const { judge, checks } = this.#shared
    const { login } = applicant
    switch (claim.kind) {
      case 'password': {
        const { password } = claim
        if (!isForeign()) return this.#judgePassword(applicant, password)
        const isServed = words.length > 0
        return judge.judge(applicant, () =>
          isServed ? this.#served(conversation, ['check', login, password, ...words]) : verifyForeign(login, password),
        )
      }
      case 'digest':
        return judge.judge(applicant, () => checks.cramMd5(login, claim.digest, claim.challenge))
      case 'proven':
        return judge.judge(applicant, async () => ['right'])
      case 'wrong':
        return judge.judge(applicant, async () => ['wrong', claim.why])
      case 'token':
        return judge.judge(applicant, () => verifyToken(login, claim.token))
    }
  }

  /** Ask the front for the client's connection, and have it served. */
  async #served(conversation: Conversation, order: LoginRecord): Promise<LoginRecord> {
    await conversation.say(['connection'])
    const [kind] = (await conversation.record(loginCallSeconds)) ?? []
    return kind === 'connection' ? started(conversation, order) : ['trouble', 'the front gave no connection']
  }

  async #store([, login = '', apop, text = '']: LoginRecord): Promise<LoginRecord> {
    try {
      const secret = Buffer.from(text, 'latin1')
      const problem = loginTrouble(login) ?? passwordTrouble(secret)
      if (problem !== undefined) return ['trouble', problem]
      await this.#shared.passwords.store(login, await newEntry(secret, apop === 'apop'))
      return ['stored']
    } catch (error) {
      return ['trouble', errorText(error)]
    }
  }

  async #remove([, login = '']: LoginRecord): Promise<LoginRecord> {
    try {
      await this.#shared.passwords.remove(login)
      return ['removed']
    } catch (error) {
      return ['trouble', errorText(error)]
    }
  }
}

/** Have sessiond start it with the descriptors that come next. */
async function started(conversation: Conversation, order: LoginRecord): Promise<LoginRecord> {
  const connection = await conversation.descriptor('socket')
  try {
    const session = await conversation.descriptor('socket')
    try {
      return await startSession(order, [connection, session])
    } finally {
      closeSync(session)
    }
  } finally {
    closeSync(connection)
  }
}
