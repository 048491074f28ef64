/** A message that is accepted and not yet preprocessed: todo/N (spec §1.2). */
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { readQueueFile } from './file.ts'

export interface QueuedMessage {
  readonly id: MessageId
  /** The empty string if it has none that can be read. */
  readonly sender: string
  /** As they came, before rewriting. */
  readonly recipients: readonly string[]
  /** When it was accepted, in seconds since 1970. */
  readonly accepted: number
  readonly stamp: string
}

export function readQueued(id: MessageId): QueuedMessage | undefined {
  const file = readQueueFile(queuePath('todo', id))
  if (file === undefined) return undefined
  const { text, stats } = file
  const records = text.split('\0').slice(0, -1)
  return {
    id,
    sender: records.find((record) => record[0] === 'F')?.slice(1) ?? '',
    recipients: records.filter((record) => record[0] === 'T').map((record) => record.slice(1)),
    accepted: Math.floor(stats.mtimeMs / 1000),
    stamp: `${stats.ino} ${stats.mtimeMs}`, // its links come and go, which changes the ctime
  }
}
