/**
 * Open and read a file of instructions in the home, which is the working directory. It is checked by its open
 * descriptor, so that what was checked is what is read (spec §2.7.3).
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { dotfileBytes } from '@yabumi/limits'
import { errnoOf, isTemporary } from '@yabumi/trouble'
import { isConfined } from './confined.ts'
import { cannotOpen, isPlanted, isTooLong, isWritable, mayNotLink } from './failure.ts'
import { isForeign, strangersWho } from './strangers.ts'

export interface Dotfile {
  /** Byte string. */
  readonly text: string
  /** Whether its x bit says that it holds nothing but forwards. */
  readonly forwardOnly: boolean
  readonly owner: number
}

const ownerExecute = 0o100

/**
 * Read a dotfile.
 *
 * @param user - the name of the account whose it is
 * @param kind - what it is called in complaints: `.qmail`, `.forward`
 * @returns undefined if there is no regular file of this name
 * @throws Failure if it cannot be opened now, others may write it, or another account has put a link there
 */
export function readDotfile(user: string, name: string, kind: string): Dotfile | undefined {
  if (!mayExist(name, kind)) return undefined
  const fd = openDotfile(name)
  if (fd === undefined) return undefined
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) return undefined
    const strangers = strangersWho(status, user)
    if (strangers !== undefined) throw isWritable(kind, strangers)
    if (status.nlink > 1 && isForeign(status)) throw isPlanted(kind)
    if (status.nlink > 1 && isConfined()) throw mayNotLink(kind)
    if (status.size > dotfileBytes) throw isTooLong(kind)
    return { text: readText(fd, name, status), forwardOnly: (status.mode & ownerExecute) !== 0, owner: status.uid }
  } finally {
    closeSync(fd)
  }
}

/** Most names do not exist: a stat says so at a tenth of the cost of a failed open. */
function mayExist(name: string, kind: string): boolean {
  let status: Stats | undefined
  try {
    status = lstatSync(Buffer.from(name, 'latin1'), { throwIfNoEntry: false })
  } catch {
    return true // open will say what it is
  }
  if (status?.isSymbolicLink() && isForeign(status)) throw isPlanted(kind)
  if (status?.isSymbolicLink() && isConfined()) throw mayNotLink(kind)
  return status !== undefined
}

function openDotfile(name: string): number | undefined {
  try {
    return openSync(Buffer.from(name, 'latin1'), constants.O_RDONLY | constants.O_NONBLOCK | (isConfined() ? constants.O_NOFOLLOW : 0))
  } catch (cause) {
    const errno = errnoOf(cause)
    if (isTemporary(cause) || errno === 'EPERM' || errno === 'EACCES') throw cannotOpen(name, cause)
    return undefined
  }
}

function readText(fd: number, name: string, { size }: Stats): string {
  const buffer = Buffer.allocUnsafe(size)
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, size, 0))
  } catch (cause) {
    throw cannotOpen(name, cause)
  }
}

/**
 * Whether a name exists in the home, whatever it is.
 *
 * @throws Failure if that cannot be said now
 */
export function exists(name: string): boolean {
  try {
    return statSync(Buffer.from(name, 'latin1'), { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    if (isTemporary(cause)) throw cannotOpen(name, cause)
    return false
  }
}
