/**
 * Names under queue/: numbers, split directories, paths (spec §1.1). All paths are relative to queue/.
 *
 * A message's number is the inode of its mess file, a decimal string here, because inode numbers may exceed 2^53.
 */

export { openQueueFile } from './open.ts'
export { pullTrigger } from './trigger.ts'

/** Subdirectories of mess, info, local and remote (conf-split). */
export const split = 23

/** The decimal number of a message. */
export type MessageId = string

const splitDirectories = ['mess', 'info', 'local', 'remote'] as const
export type SplitDirectory = (typeof splitDirectories)[number]
export type PlainDirectory = 'todo' | 'intd' | 'bounce'

/** Which subdirectory a message's files are in: its number modulo split. */
export function splitOf(id: MessageId): number {
  return id.length < 16 ? Number(id) % split : Number(BigInt(id) % BigInt(split))
}

/** `mess/7/457`, `todo/457`: the path of a message's file. */
export function queuePath(directory: SplitDirectory | PlainDirectory, id: MessageId): string {
  switch (directory) {
    case 'todo':
    case 'intd':
    case 'bounce':
      return `${directory}/${id}`
    default:
      return `${directory}/${splitOf(id)}/${id}`
  }
}

/** Directory of files that queue writes over again instead of making new ones; a queue without it does without. */
export const spareDirectory = 'spare'

/** What a spare file was: the message or the envelope of message `id`. */
export function sparePath(kind: 'mess' | 'todo', id: MessageId): string {
  return `${spareDirectory}/${kind}.${id}`
}

/** Whether a directory entry is a message's file: a plain decimal number. Every other name is passed over. */
export function isMessageId(name: string): boolean {
  return /^[0-9]+$/.test(name)
}
