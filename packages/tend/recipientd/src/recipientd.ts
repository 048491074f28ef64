/** What recipientd answers: whether anybody receives mail for an address, in time. */
import { lowerCase } from '@yabumi/address'
import { loginCallSeconds, recipientAnswerSeconds, recipientQuestions, recipientQuestionsPerNetwork } from '@yabumi/limits'
import type { Conversation, LoginRecord } from '@yabumi/loginprotocol'
import { logSafe, Seldom } from '@yabumi/logline'
import { Places } from '@yabumi/places'
import type { Answer } from '@yabumi/recipient'
import { type KeptAnswer, KeptAnswers, type RecipientAnswer } from '@yabumi/recipientprotocol'
import type { MaySend } from '@yabumi/senders'
import { errorText, Trouble } from '@yabumi/trouble'
import { networkOf, UnknownRecipients } from './unknowns.ts'

/** @throws Trouble if that cannot be said now */
export type Decide = (recipient: string) => Promise<Answer>

/** @throws Trouble if that cannot be said now */
export type Permit = (login: string, addresses: readonly string[]) => Promise<MaySend>

export class Recipientd {
  readonly #decide: Decide
  readonly #permit: Permit
  readonly #seldom: Seldom
  readonly #kept = new KeptAnswers()
  readonly #unknowns = new UnknownRecipients()
  readonly #underWay = new Map<string, Promise<KeptAnswer>>()
  readonly #places = new Places<string>(() => false)

  /** @param log - is told of trouble, once a minute */
  constructor(decide: Decide, permit: Permit, log: (line: string) => void) {
    this.#decide = decide
    this.#permit = permit
    this.#seldom = new Seldom(log)
  }

  /** Answer one call. Never throws. */
  async answer(conversation: Conversation): Promise<void> {
    try {
      const [act, recipient = '', ...named] = (await conversation.record(loginCallSeconds)) ?? []
      if (act === 'sender') await conversation.say(await this.#maySend(recipient, named))
      if (act !== 'recipient') return
      const { verdict, pace, keepSeconds } = await this.answerOn(recipient, named[0] ?? '')
      await conversation.say([verdict, pace, String(keepSeconds)])
    } catch (error) {
      if (!conversation.isOver) this.#trouble(`a call failed: ${errorText(error)}`)
    }
  }

  async #maySend(login: string, addresses: readonly string[]): Promise<LoginRecord> {
    try {
      const { foreign, own } = await this.#permit(login, addresses)
      return foreign === undefined ? ['yes', own] : ['no', own, foreign]
    } catch (error) {
      this.#trouble(`${logSafe(login)}: ${errorText(error)}; it can send nothing until that is put right`)
      return ['uncertain']
    }
  }

  /** @param client - the address of the client that names it. Never rejects */
  async answerOn(recipient: string, client: string): Promise<RecipientAnswer> {
    const network = networkOf(client)
    const { verdict, until } = await this.#verdictOn(recipient, network)
    const now = performance.now()
    return { verdict, pace: this.#unknowns.paceOf(verdict, network, now), keepSeconds: Math.max(0, Math.floor((until - now) / 1000)) }
  }

  async #verdictOn(recipient: string, network: string): Promise<KeptAnswer> {
    const key = lowerCase(recipient)
    const kept = this.#kept.find(recipient, performance.now())
    if (kept !== undefined) return kept
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Trouble('4.3.0', `no answer within ${recipientAnswerSeconds} s`)), 1000 * recipientAnswerSeconds)
    })
    try {
      return await Promise.race([this.#underWay.get(key) ?? this.#find(recipient, key, network), patience])
    } catch (error) {
      this.#trouble(`${logSafe(recipient)}: ${error instanceof Error ? error.message : String(error)}; its mail is taken without an answer`)
      return { verdict: 'uncertain', until: 0 }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Decide, whoever still waits for it in the end: the answer is kept. Of several that ask for one recipient the first has the place. */
  #find(recipient: string, key: string, network: string): Promise<KeptAnswer> {
    const full = this.#places.admit(key, network, [
      { key: network, most: recipientQuestionsPerNetwork, yields: false },
      { key: 'all', most: recipientQuestions, yields: false },
    ])
    if (full !== undefined) return Promise.reject(new Trouble('4.3.0', 'too many recipients are asked for at once'))
    const verdict = this.#decide(recipient).then((answer) => this.#kept.add(recipient, answer.verdict, performance.now()))
    this.#underWay.set(key, verdict)
    const end = (): void => {
      this.#underWay.delete(key)
      this.#places.leave(key)
    }
    verdict.then(end, end)
    return verdict
  }

  #trouble(line: string): void {
    this.#seldom.say('trouble', line)
  }
}
