/** One mail transaction: the sender from MAIL and the recipients from RCPT, until DATA or something else ends it. */
import type { FactMap, Facts } from '@yabumi/facts'
import { transactionFactsBytes } from '@yabumi/limits'
import type { EnvelopeRoom } from './envelopememory.ts'
import type { Examination } from './examination.ts'
import type { NamedRecipient } from './parameters.ts'

/** What a recipient costs besides its bytes: a string's header and its place in the list. */
const recipientCost = 48
/** What a fact takes in the text of all besides its name and value: `R49999.`, `=` and a blank. */
const factCost = 9

/** What was found out when a sender was named, and what comes of it. */
export interface SenderChecks {
  /** Begins to examine its message; undefined where nothing is to be found out. */
  readonly examine?: (() => Examination) | undefined
  /** Fields for the top of its message, each LF-ended; empty for none. */
  readonly top: string
}

export class Transaction {
  readonly sender: string
  readonly #messageFacts: Facts
  /** Of recipients, by their place. */
  readonly #recipientFacts = new Map<number, FactMap>()
  #factsBytes = 0
  /** The sender is in badmailfrom, which is said at RCPT. */
  readonly badSender: boolean
  readonly recipients: string[] = []
  /** Recipients that the client has named, refused ones too. */
  named = 0
  readonly #room: EnvelopeRoom
  #held = 0
  #isOver = false
  readonly checks: SenderChecks

  constructor(
    { sender, facts }: { readonly sender: string; readonly facts: Facts },
    badSender: boolean,
    room: EnvelopeRoom,
    checks: SenderChecks = { top: '' },
  ) {
    this.checks = checks
    this.sender = detached(sender)
    this.#messageFacts = facts
    this.badSender = badSender
    this.#room = room
  }

  /**
   * Never adds to a transaction that is over: the client may go while a program still checks its recipient.
   *
   * @param most - recipients in one transaction
   * @returns false if there is no room for another recipient: it is put off with 452, and the client sends the rest in another
   *   transaction (RFC 5321 §4.5.3.1.10)
   */
  add({ address, facts }: Readonly<NamedRecipient>, most: number): boolean {
    const factsBytes = [...facts].reduce((sum, [name, value]) => sum + name.length + value.length + factCost, 0)
    const cost = address.length + recipientCost + factsBytes
    if (this.#factsBytes + factsBytes > transactionFactsBytes) return false
    if (this.#isOver || this.recipients.length >= most || !this.#room.take(cost, this.#held === 0)) return false
    this.#held += cost
    if (facts.size > 0) this.#recipientFacts.set(this.recipients.length, facts)
    this.#factsBytes += factsBytes
    this.recipients.push(detached(address))
    return true
  }

  /** MAIL had SMTPUTF8. */
  get saysUtf8(): boolean {
    return this.#messageFacts.message.has('SMTPUTF8')
  }

  /** What the envelope says besides its addresses. */
  get facts(): Facts {
    return { message: this.#messageFacts.message, recipients: this.#recipientFacts }
  }

  /** The transaction is over: give back its room. */
  release(): void {
    this.#isOver = true
    this.#room.give(this.#held)
    this.#held = 0
  }
}

/** A string of its own: a slice would keep all of the line in memory that it was cut from. */
export function detached(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
