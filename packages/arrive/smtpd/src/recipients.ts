/** Whether a recipient is taken: lists, the DNS, programs and recipientd are asked one after the other, until a no. */
import { judgeRecipient, recipientReplies } from '@yabumi/admission'
import type { NamedRecipient } from './parameters.ts'
import { checked, checkRecipient } from './recipientcheck.ts'
import { type Reaction, reply } from './replies.ts'
import type { Screen } from './screen.ts'
import type { Settings } from './settings.ts'
import type { Transaction } from './transaction.ts'
import type { AskForUser, UserAnswer } from './userquestions.ts'

/** What is known of the client now. */
interface Standing {
  readonly helo: string | undefined
  readonly settings: Settings
}

export class Recipients {
  readonly #screen: Screen
  readonly #askForUser: AskForUser

  constructor(screen: Screen, ask: AskForUser) {
    this.#screen = screen
    this.#askForUser = ask
  }

  /** badmailfrom, then the address and the control files that judge recipients, then whoever else knows. A promise never rejects */
  judge(named: NamedRecipient, transaction: Transaction, standing: Standing): Reaction | Promise<Reaction> {
    const { address: recipient } = named
    const { helo, settings } = standing
    try {
      if (transaction.badSender) return { reply: reply.badSender }
      const { refuser } = judgeRecipient(recipient, settings)
      if (refuser !== undefined) return { reply: `${recipientReplies[refuser]}\r\n` }
      const asked = { helo, sender: transaction.sender, recipient }
      const refusal = this.#screen.refusesRecipient(asked, settings)
      if (refusal !== undefined) return refusal
      const lists = this.#screen.asksAbout(asked, settings)
      if (lists !== undefined) return lists.then((refused) => refused ?? this.#judgeFurther(named, transaction, standing))
    } catch {
      return { reply: reply.controls, next: 'abort' }
    }
    return this.#judgeFurther(named, transaction, standing)
  }

  #judgeFurther(named: NamedRecipient, transaction: Transaction, { helo, settings }: Standing): Reaction | Promise<Reaction> {
    const { relayClient, recipientCheck, environment } = settings
    if (relayClient !== undefined) return add(named, transaction, settings)
    if (recipientCheck === undefined) return this.#askUsers(named, transaction, settings)
    const question = { sender: transaction.sender, recipient: named.address, helo }
    return checkRecipient(recipientCheck, question, environment).then(
      (result) => checked[result] ?? this.#askUsers(named, transaction, settings),
    )
  }

  /** Whether somebody has it, as recipientd knows. */
  #askUsers(named: NamedRecipient, transaction: Transaction, settings: Settings): Reaction | Promise<Reaction> {
    const { unknownUsers, goesOut } = settings
    if (unknownUsers === 'accept' || goesOut(named.address)) return add(named, transaction, settings)
    const conclude = ({ refusal, ...delay }: UserAnswer): Reaction => ({ ...(refusal ?? add(named, transaction, settings)), ...delay })
    const answer = this.#askForUser(named.address)
    return answer instanceof Promise ? answer.then(conclude) : conclude(answer)
  }
}

function add({ address, facts }: NamedRecipient, transaction: Transaction, { relayClient, maxRecipients }: Settings): Reaction {
  const room = transaction.add({ address: address + (relayClient ?? ''), facts }, maxRecipients)
  return { reply: room ? reply.ok : reply.tooManyRecipients }
}
