/** The messages that criteria mean, part by part. The working directory is queue/. */
import { nowSeconds } from '@yabumi/dates'
import { type MessageId, splitOf } from '@yabumi/queuedir'
import {
  type Channel,
  channels,
  type Listing,
  listPart,
  listQueued,
  type Recipient,
  readChannel,
  readInfo,
  readQueued,
} from '@yabumi/queueview'
import { withoutPrepend } from '@yabumi/routing'
import { type Criteria, matchesAddress, matchesDomain } from './criteria.ts'
import { virtualDomainsOf } from './world.ts'

/** A channel file, and its mtime (package retrytimes). */
export interface ChannelTime {
  readonly channel: Channel
  readonly time: number
}

/** A message that is meant. */
export interface Selected {
  readonly id: MessageId
  /** Whether send has preprocessed it; if not, recipients are as they came, and have no channel. */
  readonly preprocessed: boolean
  readonly sender: string
  /** Seconds since 1970. */
  readonly birth: number
  /** Changes when another message gets the number. */
  readonly stamp: string
  /** The recipients that are meant and not done. */
  readonly recipients: readonly (Pick<Recipient, 'address'> & Partial<Recipient>)[]
  /** How many others are not done. */
  readonly others: number
  /** The channel files that it has. */
  readonly channels: readonly ChannelTime[]
}

export interface SelectOrder {
  readonly criteria: Criteria
  /** Lines of control/virtualdomains, so that a recipient is found by the address that the world knows. */
  readonly virtualDomains: readonly string[]
}

export interface PartSelection {
  readonly selected: readonly Selected[]
  /** Messages that cannot be read: a line for each. */
  readonly complaints: readonly string[]
}

export function selectPart(part: number, order: SelectOrder): PartSelection {
  return new Selection(order).ofPart(part)
}

class Selection {
  readonly #criteria: Criteria
  readonly #virtualDomains
  readonly #now = nowSeconds()
  readonly #ids: ReadonlySet<MessageId> | undefined

  constructor({ criteria, virtualDomains }: SelectOrder) {
    this.#criteria = criteria
    this.#virtualDomains = virtualDomainsOf(virtualDomains)
    this.#ids = criteria.ids && new Set(criteria.ids)
  }

  ofPart(part: number): PartSelection {
    const selected: Selected[] = []
    const complaints: string[] = []
    const add = (id: MessageId, look: () => Selected | undefined): void => {
      try {
        const found = look()
        if (found !== undefined) selected.push(found)
      } catch (error) {
        complaints.push(`#${id}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    if (this.#ids !== undefined && ![...this.#ids].some((id) => splitOf(id) === part)) return { selected, complaints }
    const queued = listQueued(part).filter((id) => this.#ids?.has(id) !== false)
    const waiting = new Set(queued)
    const listing = listPart(part)
    for (const id of queued) add(id, () => this.#queued(id))
    for (const id of listing.preprocessed) {
      if (this.#ids?.has(id) !== false && !waiting.has(id)) add(id, () => this.#preprocessed(id, listing))
    }
    return { selected, complaints }
  }

  #preprocessed(id: MessageId, listing: Listing): Selected | undefined {
    const has = channels.filter((channel) => listing[channel].has(id))
    const asksRecipients = this.#criteria.recipients !== undefined || this.#criteria.domains !== undefined
    const first = asksRecipients ? this.#recipients(id, has) : undefined
    if (first?.recipients.length === 0) return undefined
    const info = readInfo(id)
    if (info === undefined || !this.#isMeant(info.sender, info.birth)) return undefined
    return { id, preprocessed: true, ...info, ...(first ?? this.#recipients(id, has)) }
  }

  #recipients(id: MessageId, has: readonly Channel[]): Pick<Selected, 'others' | 'channels'> & { recipients: Recipient[] } {
    const recipients: Recipient[] = []
    const times: ChannelTime[] = []
    let others = 0
    for (const channel of has) {
      const file = readChannel(channel, id)
      if (file === undefined) continue
      times.push({ channel, time: file.time })
      for (const recipient of file.recipients) {
        if (recipient.done) continue
        if (this.#isWanted(recipient.address)) recipients.push(recipient)
        else others += 1
      }
    }
    return { recipients, others, channels: times }
  }

  #queued(id: MessageId): Selected | undefined {
    const message = readQueued(id)
    if (message === undefined || !this.#isMeant(message.sender, message.accepted)) return undefined
    const recipients = message.recipients.filter((address) => this.#isWanted(address)).map((address) => ({ address }))
    if (recipients.length === 0 && (this.#criteria.recipients ?? this.#criteria.domains) !== undefined) return undefined
    const others = message.recipients.length - recipients.length
    const { sender, accepted: birth, stamp } = message
    return { id, preprocessed: false, sender, birth, stamp, recipients, others, channels: [] }
  }

  #isMeant(sender: string, birth: number): boolean {
    const { senders, olderThan, youngerThan } = this.#criteria
    if (senders !== undefined && !matchesAddress(sender, senders)) return false
    const age = this.#now - birth
    return (olderThan === undefined || age > olderThan) && (youngerThan === undefined || age < youngerThan)
  }

  #isWanted(address: string): boolean {
    const { recipients, domains } = this.#criteria
    if (domains !== undefined && !matchesDomain(address, domains)) return false
    if (recipients === undefined || matchesAddress(address, recipients)) return true
    const known = this.#virtualDomains === undefined ? address : withoutPrepend(address, this.#virtualDomains)
    return known !== address && matchesAddress(known, recipients)
  }
}
