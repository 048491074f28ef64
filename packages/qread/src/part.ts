/** What qread says about the messages of one part of the queue. The working directory is queue/. */
import { readdirSync } from 'node:fs'
import { dateAndTime } from '@yabumi/dates'
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

export function describePart(part: number): PartText {
  bouncing ??= namesOf('bounce')
  let listing: Listing
  try {
    listing = listPart(part)
  } catch (cause) {
    return { text: '', fatal: `unable to opendir info/${part}: ${errorText(cause)}` }
  }
  let text = ''
  for (const id of listing.preprocessed) text += describe(id, listing, bouncing)
  return { text }
}

function namesOf(directory: string): ReadonlySet<MessageId> {
  try {
    return new Set(readdirSync(directory).filter(isMessageId))
  } catch {
    return new Set()
  }
}

/** The lines for a message; a warning if it cannot be read, nothing if it has ended since its directory was listed. */
function describe(id: MessageId, listing: Listing, bouncing: ReadonlySet<MessageId>): string {
  try {
    const info = readInfo(id)
    if (info === undefined) return ''
    const mark = bouncing.has(id) ? ' bouncing' : ''
    const top = `${dateAndTime(info.birth)} GMT  #${id}  ${sizeOf(id)}  <${printable(info.sender)}> ${mark}\n`
    return top + recipients('local', id, listing) + recipients('remote', id, listing)
  } catch (error) {
    return `warning: trouble with #${id}: ${errorText(error)}\n`
  }
}

function recipients(channel: Channel, id: MessageId, listing: Listing): string {
  if (!listing[channel].has(id)) return ''
  let lines = ''
  for (const { address, done } of readRecipients(channel, id)) {
    lines += `${done ? '  done' : ''}\t${channel}\t${printable(address)}\n`
  }
  return lines
}

const unprintable = /[^ -~]/

function printable(address: string): string {
  return unprintable.test(address) ? address.replace(/[^ -~]/g, '_') : address
}
