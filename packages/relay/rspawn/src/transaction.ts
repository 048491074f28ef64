/**
 * One message for one host and the deliveries that travel in it: one MAIL, many RCPTs.
 *
 * Deliveries may join until the last recipient has been named. Each is reported as the reference would have reported it
 * alone. So nobody can tell from a log or a bounce who else was in it.
 */
import { isAscii } from '@yabumi/address'
import type { FactMap } from '@yabumi/facts'
import { recipientsPerTransaction } from '@yabumi/limits'
import { type Mail, type Recipient, texts } from '@yabumi/smtpclient'
import type { Delivery } from '@yabumi/spawnprotocol'
import { composeReport } from './compose.ts'

export class Transaction implements Mail {
  readonly sender: string
  readonly host: string
  readonly facts: FactMap
  /** The address of the host, once there is a connection. */
  #address = ''
  /** Not named to the host yet. */
  #waiting: Delivery[] = []
  /** Those that the host has been asked about and that nothing is reported on. */
  #named: Delivery[] = []
  #accepted: Delivery[] = []
  /** For another transaction: the host wants no more in this one. */
  #left: Delivery[] = []
  #joined = 0
  #closed = false

  constructor({ sender, domain, facts }: Pick<Delivery, 'sender' | 'domain' | 'facts'>) {
    this.sender = sender
    this.host = domain
    this.facts = facts.message
  }

  get hasUtf8Recipient(): boolean {
    return !this.#waiting.every(({ local }) => isAscii(local))
  }

  /** How many deliveries are in it. */
  get size(): number {
    return this.#joined
  }

  /** Take a delivery in. @returns false if it is too late or full */
  join(delivery: Delivery): boolean {
    if (this.#closed || this.#joined === recipientsPerTransaction) return false
    this.#joined += 1
    this.#waiting.push(delivery)
    return true
  }

  connected(address: string): void {
    this.#address = address
  }

  /** Take in a delivery for which it was not begun. A newcomer has no place beside others. @returns false if it is too late or full */
  takes(delivery: Delivery, host: string): boolean {
    if (!delivery.newcomer) return this.join(delivery)
    delivery.giveBack(host)
    return true
  }

  /** Give back those that may not go where others are under way. @returns whether anything is left */
  giveBackNewcomers(network: string): boolean {
    const newcomers = this.#waiting.filter(({ newcomer }) => newcomer)
    this.#waiting = this.#waiting.filter(({ newcomer }) => !newcomer)
    for (const delivery of newcomers) delivery.giveBack(network)
    return this.#waiting.length > 0
  }

  nextRecipient(): Recipient | undefined {
    const delivery = this.#waiting.shift()
    if (delivery !== undefined) {
      this.#named.push(delivery)
      return { address: `${delivery.local}@${delivery.domain}`, facts: delivery.facts.recipients.get(0) ?? new Map() }
    }
    this.#closed = true
    return undefined
  }

  endRecipients(): boolean {
    this.#closed = true
    this.#left = [...this.#named.splice(-1), ...this.#waiting.splice(0)]
    return true
  }

  reportRecipient(report: string): void {
    const delivery = this.#named.shift() as Delivery
    if (report === texts.recipientAccepted) this.#accepted.push(delivery)
    else conclude(delivery, report, texts.noRecipient(this.#address))
  }

  measuredFd(): number {
    return (this.#waiting[0] as Delivery).content
  }

  messageFd(): number {
    return (this.#accepted[0] as Delivery).content
  }

  /** Take all that are in it, for a host that is told of them at once; whoever takes them reports on them. */
  takeAll(): readonly Delivery[] {
    this.#closed = true
    return this.#waiting.splice(0)
  }

  /**
   * Report on every delivery that has not been reported on, by what came of the message.
   *
   * @returns those that are to go in another transaction: the host has had its say about the others, and is not in trouble
   */
  finish(report: string): readonly Delivery[] {
    this.#closed = true
    const goOn = !report.startsWith('Z')
    for (const delivery of this.#accepted) conclude(delivery, texts.recipientAccepted, report)
    for (const delivery of [...this.#named, ...this.#waiting, ...(goOn ? [] : this.#left)]) conclude(delivery, report)
    return goOn ? this.#left : []
  }
}

/** Report on a delivery what was said about its recipient and about the message. */
export function conclude(delivery: Delivery, ...reports: string[]): void {
  const { status, text } = composeReport(`${reports.join('\0')}\0`)
  delivery.report(status, text)
}
