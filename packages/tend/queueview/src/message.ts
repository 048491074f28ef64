/** A message that send has preprocessed: info/N, and the recipients in local/N and remote/N (spec §1.2). */
import { lstatSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { Trouble } from '@yabumi/trouble'
import { readQueueFile } from './file.ts'

export type Channel = 'local' | 'remote'
export const channels: readonly Channel[] = ['local', 'remote']

export interface Info {
  readonly sender: string
  /** What follows the sender's record: facts of the envelope (spec §14.3). */
  readonly records: string
  /** When the message was preprocessed, or made young again; seconds since 1970. */
  readonly birth: number
  /** Changes when another message gets the number. */
  readonly stamp: string
}

export interface Recipient {
  readonly channel: Channel
  readonly address: string
  readonly done: boolean
  /** Offset of its record in the channel file. */
  readonly position: number
}

export interface Message extends Info {
  readonly id: MessageId
  readonly recipients: readonly Recipient[]
}

/** @throws the system's error, or Trouble for a file that does not begin with a whole sender record */
export function readInfo(id: MessageId): Info | undefined {
  const file = readQueueFile(queuePath('info', id))
  if (file === undefined) return undefined
  const { text, stats } = file
  const end = text.indexOf('\0')
  if (text[0] !== 'F' || end < 0) throw new Trouble('4.3.0', 'not an info file')
  const birth = Math.floor(stats.mtimeMs / 1000)
  return { sender: text.slice(1, end), records: text.slice(end + 1), birth, stamp: `${stats.ino} ${stats.ctimeMs}` }
}

/** A channel file with its mtime, in seconds since 1970: the time of the next attempt, where no send runs. */
export interface ChannelFile {
  readonly recipients: readonly Recipient[]
  readonly time: number
}

export function readChannel(channel: Channel, id: MessageId): ChannelFile | undefined {
  const file = readQueueFile(queuePath(channel, id))
  return file && { recipients: parseRecipients(channel, file.text), time: Math.floor(file.stats.mtimeMs / 1000) }
}

/** The records of a channel file; none if it is not there. */
export function readRecipients(channel: Channel, id: MessageId): Recipient[] {
  return parseRecipients(channel, readQueueFile(queuePath(channel, id))?.text ?? '')
}

/** Records of another letter are left out, and a last one without its NUL. */
function parseRecipients(channel: Channel, text: string): Recipient[] {
  const recipients: Recipient[] = []
  let position = 0
  for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', position)) {
    const letter = text[position]
    if (letter === 'T' || letter === 'D')
      recipients.push({ channel, address: text.slice(position + 1, end), done: letter === 'D', position })
    position = end + 1
  }
  return recipients
}

/** A message with all its recipients. */
export function readMessage(id: MessageId): Message | undefined {
  const info = readInfo(id)
  return info && { id, ...info, recipients: channels.flatMap((channel) => readRecipients(channel, id)) }
}

/** Size of the message in bytes. @throws the system's error if it is not there, or Trouble if that is no regular file */
export function sizeOf(id: MessageId): number {
  const path = queuePath('mess', id)
  const stats = lstatSync(path)
  if (!stats.isFile()) throw new Trouble('4.3.0', `${path} is not a regular file`)
  return stats.size
}
