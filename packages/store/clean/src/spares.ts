/**
 * Keeps files that are done with for queue to write over (see spares.ts in packages/store/queue). To make and unlink
 * two inodes a message is what a busy file system takes longest over.
 *
 * Files   spare/mess.N, spare/todo.N: what was mess/S/N and todo/N. At most spareFiles of each kind, none of them long
 */
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import { spareFiles, spareMessageBytes } from '@yabumi/limits'
import { type MessageId, queuePath, spareDirectory, sparePath } from '@yabumi/queuedir'

/** Files that are unlinked once there are enough, before they are counted again. */
const patience = 128

export class Spares {
  /** Whether this queue keeps spares at all. */
  readonly wanted: boolean = existsSync(spareDirectory)
  /** How many more may be kept before they are counted; and to be unlinked before that. */
  readonly #room = { mess: 0, todo: 0 }
  #untilCount = 0

  /** Keep a file of a message. @returns whether it has; if not, it is where it was */
  keep(kind: 'mess' | 'todo', id: MessageId): boolean {
    const path = queuePath(kind, id)
    try {
      if (!this.#hasRoom(kind) || (kind === 'mess' && statSync(path).size > spareMessageBytes)) return false
      const spare = sparePath(kind, id)
      if (existsSync(spare)) return false // queue may have seen that one, and must not take this one for it
      renameSync(path, spare)
      this.#room[kind] -= 1
      return true
    } catch {
      return false
    }
  }

  #hasRoom(kind: 'mess' | 'todo'): boolean {
    if (this.#room[kind] > 0) return true
    this.#untilCount -= 1
    if (this.#untilCount > 0) return false
    const names = readdirSync(spareDirectory)
    for (const one of ['mess', 'todo'] as const) this.#room[one] = spareFiles - names.filter((name) => name.startsWith(`${one}.`)).length
    this.#untilCount = this.#room[kind] > 0 ? 0 : patience
    return this.#room[kind] > 0
  }
}
