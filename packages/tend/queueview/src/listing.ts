/** Which messages there are, one part of the queue at a time. */
import { lstatSync, readdirSync } from 'node:fs'
import { isMessageId, type MessageId, queuePath, splitOf } from '@yabumi/queuedir'

export interface Listing {
  /** Preprocessed. */
  readonly preprocessed: readonly MessageId[]
  /** Those with a file in local/ and remote/: asking for each by itself would cost more than the rest. */
  readonly local: ReadonlySet<MessageId>
  readonly remote: ReadonlySet<MessageId>
}

/** @throws the system's error if info/ cannot be read; it is the one that counts */
export function listPart(part: number): Listing {
  const preprocessed = readdirSync(`info/${part}`).filter(isMessageId)
  return { preprocessed, local: setOf(`local/${part}`), remote: setOf(`remote/${part}`) }
}

function setOf(directory: string): Set<MessageId> {
  try {
    return new Set(readdirSync(directory))
  } catch {
    return new Set()
  }
}

/** Whether a failure waits to be reported. */
export function isBouncing(id: MessageId): boolean {
  return lstatSync(queuePath('bounce', id), { throwIfNoEntry: false }) !== undefined
}

let queued: MessageId[][] | undefined

/** The messages of a part that are not yet preprocessed; the directory is read once. @throws the system's error */
export function listQueued(part: number): readonly MessageId[] {
  if (queued === undefined) {
    queued = []
    for (const id of readdirSync('todo').filter(isMessageId)) {
      const number = splitOf(id)
      queued[number] ??= []
      queued[number].push(id)
    }
  }
  return queued[part] ?? []
}
