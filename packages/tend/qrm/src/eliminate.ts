/**
 * Remove messages from a queue that no send works on: S4 or S5 to S2 to S1, in send's order (spec §1.4).
 *
 * Root acts as the account of send here, and for intd/, todo/ and mess/ as that of queue. It does so once for all
 * messages, because each change of account costs as much as some twenty removals.
 *
 * Crash   before info/N is gone, the next send finishes the message, which has no recipients any more; after it, the
 *         sweep does
 */
import { lstatSync, unlinkSync } from 'node:fs'
import { type Account, asAccount } from '@yabumi/home'
import { isSame, type Selected } from '@yabumi/queuecare'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { readQueued } from '@yabumi/queueview'
import { errnoOf, errorText } from '@yabumi/trouble'

/** gone: it was not there any more. Otherwise why it stays. */
export type Elimination = 'removed' | 'gone' | { readonly why: string }

/** @param queue - the account of queue, for root */
export function eliminate(messages: readonly Selected[], queue: Account | undefined): ReadonlyMap<MessageId, Elimination> {
  const outcomes = new Map<MessageId, Elimination>(messages.map((message) => [message.id, isThere(message) ? 'removed' : 'gone']))
  // what preprocessing has begun must not outlive todo/N: it would count as preprocessed
  removeFiles(outcomes, ['local', 'remote', 'info'])
  asAccount(queue, () => removeFiles(outcomes, ['intd', 'todo', 'mess']))
  return outcomes
}

/** Whether failures of other recipients still have to be reported, which only send can do. */
export function hasFailures(id: MessageId): boolean {
  return lstatSync(queuePath('bounce', id), { throwIfNoEntry: false }) !== undefined
}

function isThere({ id, stamp, preprocessed }: Selected): boolean {
  return preprocessed ? isSame({ id, stamp }) : readQueued(id)?.stamp === stamp
}

/** Of the messages that can be removed so far. */
function removeFiles(outcomes: Map<MessageId, Elimination>, directories: readonly Parameters<typeof queuePath>[0][]): void {
  for (const [id, outcome] of outcomes) {
    if (outcome !== 'removed') continue
    for (const directory of directories) {
      const path = queuePath(directory, id)
      try {
        unlinkSync(path)
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') continue
        outcomes.set(id, { why: `unable to remove ${path}: ${errorText(error)}` })
        break
      }
    }
  }
}
