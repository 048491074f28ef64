/** What qread says about the messages of one part of the queue. The working directory is queue/. */
import { readdirSync } from 'node:fs'
import { dateAndTime } from '@yabumi/dates'
import { printable } from '@yabumi/printable'
import { isMessageId, type MessageId } from '@yabumi/queuedir'
import { type Channel, type Listing, listPart, readInfo, readRecipients, sizeOf } from '@yabumi/queueview'
import { errorText } from '@yabumi/trouble'

export interface PartText {
  readonly text: string
  /** Why there is no more. */
  readonly fatal?: string
}

/** The messages with a failure to report; read once in each thread. */
let bouncing: ReadonlySet<MessageId> | undefined

/** What `--why` adds. */
export interface WhyLines {
  readonly facts: (records: string) => string
  readonly recipient: (id: MessageId, birth: number, channel: Channel, address: string) => string
  readonly queued: (part: number) => string
}

/** @param why - what is added, if anything */
export function describePart(part: number, why?: WhyLines): PartText {
  bouncing ??= namesOf('bounce')
  let listing: Listing
  try {
    listing = listPart(part)
  } catch (cause) {
    return { text: '', fatal: `unable to opendir info/${part}: ${errorText(cause)}` }
  }
  let text = ''
  for (const id of listing.preprocessed) text += describe(id, listing, bouncing, why)
  return { text: text + (why?.queued(part) ?? '') }
}

function namesOf(directory: string): ReadonlySet<MessageId> {
  try {
    return new Set(readdirSync(directory).filter(isMessageId))
  } catch {
    return new Set()
  }
}

/** The lines for a message; a warning if it cannot be read, nothing if it has ended since its directory was listed. */
function describe(id: MessageId, listing: Listing, bouncing: ReadonlySet<MessageId>, why: WhyLines | undefined): string {
  try {
    const info = readInfo(id)
    if (info === undefined) return ''
    const mark = bouncing.has(id) ? ' bouncing' : ''
    const top = `${dateAndTime(info.birth)} GMT  #${id}  ${sizeOf(id)}  <${printable(info.sender)}> ${mark}\n`
    const below = (channel: Channel): string =>
      recipients(channel, id, listing, (address) => why?.recipient(id, info.birth, channel, address) ?? '')
    return top + (why?.facts(info.records) ?? '') + below('local') + below('remote')
  } catch (error) {
    return `warning: trouble with #${id}: ${errorText(error)}\n`
  }
}

function recipients(channel: Channel, id: MessageId, listing: Listing, below: (address: string) => string): string {
  if (!listing[channel].has(id)) return ''
  let lines = ''
  for (const { address, done } of readRecipients(channel, id)) {
    lines += `${done ? '  done' : ''}\t${channel}\t${printable(address)}\n${done ? '' : below(address)}`
  }
  return lines
}
