/** One mail transaction: the sender from MAIL and the recipients from RCPT, until DATA or something else ends it. */
import type { Facts } from '@yabumi/facts'
import type { EnvelopeRoom } from './envelopememory.ts'

/** What a recipient costs besides its bytes: a string's header and its place in the list. */
const recipientCost = 48

export class Transaction {
  readonly sender: string
  /** What the envelope says besides its addresses. */
  readonly facts: Facts
  /** The sender is in badmailfrom, which is said at RCPT. */
  readonly badSender: boolean
  readonly recipients: string[] = []
  /** Recipients that the client has named, refused ones too. */
  named = 0
  readonly #room: EnvelopeRoom
  #held = 0
  #isOver = false

  constructor({ sender, facts }: Pick<Transaction, 'sender' | 'facts'>, badSender: boolean, room: EnvelopeRoom) {
    this.sender = detached(sender)
    this.facts = facts
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
  add(recipient: string, most: number): boolean {
    const cost = recipient.length + recipientCost
    if (this.#isOver || this.recipients.length >= most || !this.#room.take(cost, this.#held === 0)) return false
    this.#held += cost
    this.recipients.push(detached(recipient))
    return true
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
