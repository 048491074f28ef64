/**
 * A file with a key, read by a program that strangers talk to: it may be led nowhere by a link.
 *
 * Trust   files of root and of who else is named; no link at any step below the directory that it is looked for in
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { descend } from '@yabumi/home'
import { certificateBytes } from '@yabumi/limits'
import { errnoOf, errorText } from '@yabumi/trouble'

export interface SecureFile {
  readonly text: string
  /** Whether everybody on this host may read it. */
  readonly isOpen: boolean
}

const readableByOthers = 0o004

/**
 * @param top - may be a link
 * @param path - below it
 * @param owners - whose files count, besides root's
 * @returns undefined if it is not there
 * @throws Error that says in words why it does not count
 */
export function readSecureFile(top: string, path: string, owners: ReadonlySet<number>): SecureFile | undefined {
  try {
    return descend(top, path, (name) => read(name, owners))
  } catch (error) {
    switch (errnoOf(error)) {
      case 'ENOENT':
        return undefined
      case 'ELOOP':
      case 'ENOTDIR':
        throw new Error('it is a link, or something on the way to it is; copy the file instead')
      default:
        throw error
    }
  }
}

function read(name: string, owners: ReadonlySet<number>): SecureFile {
  const fd = openSync(name, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    const { uid, mode, size } = stats
    if (!stats.isFile()) throw new Error('it is no file')
    if (uid !== 0 && !owners.has(uid)) throw new Error(`it belongs to uid ${uid}, who has no say here`)
    if (size > certificateBytes) throw new Error(`it is longer than ${certificateBytes} bytes`)
    return { text: readFileSync(fd, 'latin1'), isOpen: (mode & readableByOthers) !== 0 }
  } finally {
    closeSync(fd)
  }
}

/** Changes whenever the file does; empty if it is not there, or cannot be looked at. */
export function stampOf(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.mode} ${stats.uid}`
  } catch (error) {
    return errorText(error)
  }
}
