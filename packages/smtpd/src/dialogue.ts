/**
 * What each command of a client does and what is replied (spec §5.1): a transaction begins, grows, ends.
 */
import { admits } from '@yabumi/receiving'
import { parseCommand } from '@yabumi/smtp'
import { readAddress } from './mailpath.ts'
import { reply } from './replies.ts'
import type { Settings } from './settings.ts'
import { detached, Transaction } from './transaction.ts'

/** The reply to a command, and what comes after it, if that is not the next command. */
export interface Reaction {
  /** Empty for a message, which is answered when it begins. */
  readonly reply: string
  readonly next?: 'message' | 'quit' | 'abort'
}

const message: Reaction = { reply: '', next: 'message' }

export class Dialogue {
  readonly #settings: Settings
  #helo: string | undefined
  #transaction: Transaction | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** The name that the client gave itself. */
  get helo(): string | undefined {
    return this.#helo
  }

  /** The transaction that a message completes; the next one needs MAIL again. */
  takeTransaction(): Transaction | undefined {
    const transaction = this.#transaction
    this.#transaction = undefined
    return transaction
  }

  endTransaction(): void {
    this.takeTransaction()?.release()
  }

  obey(line: string): Reaction {
    const { verb, argument } = parseCommand(line)
    if (verb === 'data') return this.#data()
    if (verb === 'quit') return { reply: `221 ${this.#settings.greeting}\r\n`, next: 'quit' }
    if (verb === 'rcpt') return this.#recipient(argument)
    return { reply: this.#answer(verb, argument) }
  }

  /** Commands that change nothing but the transaction. */
  #answer(verb: string, argument: string): string {
    switch (verb) {
      case 'mail':
        return this.#mail(argument)
      case 'helo':
        this.#hello(argument)
        return `250 ${this.#settings.greeting}\r\n`
      case 'ehlo':
        this.#hello(argument)
        return `250-${this.#settings.greeting}\r\n250-PIPELINING\r\n250 8BITMIME\r\n`
      case 'rset':
        this.endTransaction()
        return reply.flushed
      case 'noop':
        return reply.ok
      case 'vrfy':
        return reply.verify
      case 'help':
        return reply.help
      default:
        return reply.unimplemented
    }
  }

  #hello(name: string): void {
    this.endTransaction()
    this.#helo = detached(name)
  }

  #mail(argument: string): string {
    const sender = readAddress(argument, this.#settings)
    if (sender === undefined) return reply.syntax
    this.endTransaction()
    this.#transaction = new Transaction(sender, this.#isBad(sender))
    return reply.ok
  }

  #isBad(sender: string): boolean {
    const { badSenders } = this.#settings
    const at = sender.lastIndexOf('@')
    return badSenders.has(sender) || (at >= 0 && badSenders.has(sender.slice(at)))
  }

  #recipient(argument: string): Reaction {
    const transaction = this.#transaction
    if (transaction === undefined) return { reply: reply.mailFirst }
    const recipient = readAddress(argument, this.#settings)
    if (recipient === undefined) return { reply: reply.syntax }
    if (transaction.badSender) return { reply: reply.badSender }
    try {
      if (!admits(this.#settings, recipient)) return { reply: reply.notAllowed }
    } catch {
      return { reply: reply.controls, next: 'abort' }
    }
    const room = transaction.add(recipient + (this.#settings.relayClient ?? ''))
    return { reply: room ? reply.ok : reply.tooManyRecipients }
  }

  #data(): Reaction {
    if (this.#transaction === undefined) return { reply: reply.mailFirst }
    return this.#transaction.recipients.length === 0 ? { reply: reply.recipientFirst } : message
  }
}
