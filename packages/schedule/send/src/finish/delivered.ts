/**
 * Messages that have been delivered at their first attempt, but whose todo/N could not be removed, as on a read-only
 * file system. They are not delivered again, but removed as soon as that works.
 *
 * A message is known by its number and by its todo/ file. So a new message of the same number is not taken for it.
 * Memory: a few bytes each. A restart forgets them, and delivers them once more.
 */
import { statSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'

export class Delivered {
  readonly #files = new Map<MessageId, string>()

  remember(id: MessageId): void {
    const file = fileOf(id)
    if (file !== undefined) this.#files.set(id, file)
  }

  has(id: MessageId): boolean {
    return this.#files.size > 0 && this.#files.has(id) && this.#files.get(id) === fileOf(id)
  }

  forget(id: MessageId): void {
    if (this.#files.size > 0) this.#files.delete(id)
  }
}

function fileOf(id: MessageId): string | undefined {
  const stats = statSync(`queue/${queuePath('todo', id)}`, { throwIfNoEntry: false })
  return stats === undefined ? undefined : `${stats.ino} ${stats.mtimeMs}`
}
