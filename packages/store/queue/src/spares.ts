/**
 * Files that are written over again. clean puts those of finished messages into spare/ (see spares.ts in
 * packages/store/clean), where there is such a directory. Here they become new messages.
 *
 * Taken   only when nobody has the file open any more; send, rspawn or a tool that looks at the queue may. And only
 *         after a sync of todo/ that began when the file was in spare/ already. Otherwise a power cut could bring back
 *         the entry in todo/ of the old message, with the new one's bytes
 * Trust   a file that an account without rights in queue/ has ever had is never written over. Whoever keeps it, by a
 *         descriptor that only names it or in a pipe, would read the next message. What is given to deliveries is a
 *         copy, or longer than spareMessageBytes (message.ts in packages/schedule/spawnprotocol). What is longer is
 *         refused here, whoever has put it there
 * Crash   what is in spare/ at the start is removed: nobody knows which syncs it has seen
 */
import { closeSync, constants, fstatSync, futimesSync, openSync, readdirSync } from 'node:fs'
import { removeQuietly } from '@yabumi/files'
import { spareMessageBytes } from '@yabumi/limits'
import { isOnlyOpener } from '@yabumi/posix'
import { spareDirectory } from '@yabumi/queuedir'
import type { GroupCommit } from './groupcommit.ts'

export type Kind = 'mess' | 'todo'

/** A file to write over, open for writing. Its access time is now, as a new file's. */
export interface Spare {
  readonly path: string
  readonly fd: number
  /** It must be cut off where the new content ends. */
  readonly sizeBytes: number
}

/** With fewer of a kind at hand spare/ is looked at, so that there are others by the time they are wanted. */
const enough = 32
/** Takes until it is looked at again, when it had few. */
const patience = 32

export class Spares {
  readonly #todo: GroupCommit
  readonly #usable: Record<Kind, string[]> = { mess: [], todo: [] }
  /** Those that are at hand, will be after the next sync, or are being written over where they are. */
  readonly #listed = new Set<string>()
  #untilList = 0
  readonly #wanted: boolean

  /** The working directory is queue/. @param todo - tells when todo/ has been synced */
  constructor(todo: GroupCommit) {
    this.#todo = todo
    const left = this.#names()
    this.#wanted = left !== undefined
    for (const name of left ?? []) removeQuietly(`${spareDirectory}/${name}`)
  }

  /** @returns undefined if there is none: make a new file */
  take(kind: Kind): Spare | undefined {
    this.#untilList -= 1
    if (this.#wanted && this.#usable[kind].length < enough && this.#untilList <= 0) this.#list()
    for (let path = this.#usable[kind].shift(); path !== undefined; path = this.#usable[kind].shift()) {
      const spare = open(path)
      if (spare !== undefined) return spare
      removeQuietly(path)
      this.moved(path)
    }
    return undefined
  }

  /** A spare file that was taken is not in spare/ any more; another one may come to its name. Other paths do not matter. */
  moved(path: string): void {
    this.#listed.delete(path)
  }

  #list(): void {
    const found = (this.#names() ?? []).map((name) => `${spareDirectory}/${name}`).filter((path) => !this.#listed.has(path))
    this.#untilList = patience
    for (const path of found) this.#listed.add(path)
    this.#todo.afterNext((error) => {
      for (const path of found) {
        if (error === undefined) this.#usable[path.startsWith(`${spareDirectory}/mess.`) ? 'mess' : 'todo'].push(path)
        else this.#listed.delete(path)
      }
    })
  }

  #names(): string[] | undefined {
    try {
      return readdirSync(spareDirectory)
    } catch {
      return undefined
    }
  }
}

function open(path: string): Spare | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    const stats = fstatSync(fd)
    if (stats.isFile() && stats.nlink === 1 && stats.size <= spareMessageBytes && isOnlyOpener(fd)) {
      const now = Date.now() / 1000
      futimesSync(fd, now, now)
      return { path, fd, sizeBytes: stats.size }
    }
  } catch {
    // as if it could not be opened
  }
  closeSync(fd)
  return undefined
}
