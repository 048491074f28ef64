/** Recipients who do not exist, as recipientd knows them (control/unknownusers). */
import { unknownRecipientNetworks, unknownRecipientPauseSeconds } from '@yabumi/limits'
import { Seldom } from '@yabumi/logline'
import type { KeptAnswers } from '@yabumi/recipientprotocol'
import { noMailbox, reply } from './replies.ts'

/** What is said of a recipient: a reply that refuses, if any, and how long the client waits for its reply. */
export interface UserAnswer {
  readonly refusal?: { readonly reply: string; readonly next?: 'abort' }
  readonly delaySeconds?: number
}

/** Asks whether somebody has a recipient's address. */
export type AskForUser = (recipient: string) => UserAnswer | Promise<UserAnswer>

const taken: UserAnswer = {}

export class UserQuestions {
  readonly #seldom: Seldom
  #kept: KeptAnswers | undefined
  /** Clients that were told to wait: recipientd counts what they ask. */
  readonly #slowed = new Set<string>()

  /** @param log - is told once a minute that nobody answers, and why */
  constructor(log: (line: string) => void) {
    this.#seldom = new Seldom(log)
  }

  /** Ask about a recipient. @param client - its address. @returns at once for one who is known, else a promise that never rejects: only a certain no refuses */
  ask(recipient: string, client: string): UserAnswer | Promise<UserAnswer> {
    const isKnown = !this.#slowed.has(client) && this.#kept?.find(recipient, performance.now()) !== undefined
    return isKnown ? taken : this.#ask(recipient, client)
  }

  async #ask(recipient: string, client: string): Promise<UserAnswer> {
    try {
      const { askRecipient, KeptAnswers } = await import('@yabumi/recipientprotocol') // late: most homes and clients need none
      const { verdict, pace, keepSeconds } = await askRecipient(recipient, client)
      if (verdict === 'known') {
        this.#kept ??= new KeptAnswers()
        this.#kept.add(recipient, verdict, performance.now(), keepSeconds)
      }
      if (pace === 'at once') this.#slowed.delete(client)
      else this.#slow(client)
      const delay = pace === 'at once' ? {} : { delaySeconds: unknownRecipientPauseSeconds }
      if (verdict !== 'unknown') return delay
      return { ...delay, refusal: pace === 'later' ? { reply: reply.unknownRecipients, next: 'abort' } : { reply: noMailbox } }
    } catch (error) {
      this.#seldom.say('trouble', `${error instanceof Error ? error.message : String(error)}; mail for unknown users is taken`)
      return taken
    }
  }

  #slow(client: string): void {
    if (this.#slowed.size >= unknownRecipientNetworks) this.#slowed.clear()
    this.#slowed.add(client)
  }
}
