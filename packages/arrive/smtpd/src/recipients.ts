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

  #judgeFurther(named: NamedRecipient, transaction: Transaction, standing: Standing): Reaction | Promise<Reaction> {
    const { helo, settings } = standing
    const { relayClient, recipientCheck, environment } = settings
    if (relayClient !== undefined) return add(named, transaction, settings)
    if (recipientCheck === undefined) return this.#askUsers(named, transaction, standing)
    const question = { sender: transaction.sender, recipient: named.address, helo }
    return checkRecipient(recipientCheck, question, environment).then(
      (result) => checked[result] ?? this.#askUsers(named, transaction, standing),
    )
  }

  /** Whether somebody has it, as recipientd knows. */
  #askUsers(named: NamedRecipient, transaction: Transaction, standing: Standing): Reaction | Promise<Reaction> {
    const { unknownUsers, goesOut } = standing.settings
    if (unknownUsers === 'accept' || goesOut(named.address)) return this.#admit(named, transaction, standing)
    const conclude = ({ refusal, ...delay }: UserAnswer): Reaction | Promise<Reaction> => {
      const reaction = refusal ?? this.#admit(named, transaction, standing)
      const delayed = (settled: Reaction): Reaction => ({ ...settled, ...delay })
      return reaction instanceof Promise ? reaction.then(delayed) : delayed(reaction)
    }
    const answer = this.#askForUser(named.address)
    return answer instanceof Promise ? answer.then(conclude) : conclude(answer)
  }

  /** Nothing is against it, but a stranger may have to come back. */
  #admit(named: NamedRecipient, transaction: Transaction, { helo, settings }: Standing): Reaction | Promise<Reaction> {
    const asked = { helo, sender: transaction.sender, recipient: named.address }
    const putOff = this.#screen.putsOff(asked, settings)
    if (putOff === undefined) return add(named, transaction, settings)
    return putOff.then((refusal) => refusal ?? add(named, transaction, settings))
  }
}

function add({ address, facts }: NamedRecipient, transaction: Transaction, { relayClient, maxRecipients }: Settings): Reaction {
  const room = transaction.add({ address: address + (relayClient ?? ''), facts }, maxRecipients)
  return { reply: room ? reply.ok : reply.tooManyRecipients }
}
