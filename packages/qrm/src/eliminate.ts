/**
 * Remove a message from a queue that no send works on: S4 or S5 to S2 to S1, in send's order (spec §1.4).
 *
 * Crash   before info/N is gone, the next send finishes the message, which has no recipients any more; after it, the sweep does
 */
import { statSync, unlinkSync } from 'node:fs'
import { isSame, type Selected } from '@yabumi/queuecare'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { readQueued } from '@yabumi/queueview'
import { errnoOf } from '@yabumi/trouble'

/** @returns false if the message is not there any more */
export function eliminate({ id, stamp, preprocessed }: Selected): boolean {
  if (preprocessed ? !isSame({ id, stamp }) : readQueued(id)?.stamp !== stamp) return false
  // what preprocessing has begun must not outlive todo/N: it would count as preprocessed
  for (const directory of ['local', 'remote', 'info', 'intd', 'todo', 'mess'] as const) remove(queuePath(directory, id))
  return true
}

/** Whether failures of other recipients still have to be reported, which only send can do. */
export function hasFailures(id: MessageId): boolean {
  return statSync(queuePath('bounce', id), { throwIfNoEntry: false }) !== undefined
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
