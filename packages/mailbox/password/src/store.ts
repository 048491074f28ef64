/**
 * Change the password file: the whole new file or the old one, whatever happens meanwhile.
 *
 * Touches  PATH, and beside it PATH.new, and PATH.lock, which is locked (flock) so that two changes come one after the other: a file
 *          that nobody else may open, so that nobody else can hold us up
 * Synced   PATH.new before the rename, the directory after it
 * Crash    leaves at most PATH.new, which the next change overwrites
 */
import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory, writeAll } from '@yabumi/files'
import { lock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { type Entry, lineOf, loginOf, readPasswords } from './file.ts'

const lockSeconds = 10
/** What the owner of the directory may have put there leads a caller nowhere, and keeps it nowhere: a link is an error, a FIFO without a reader, too. */
const unplanted = constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Store the entry of a login, in place of an earlier one. The file is the caller's then, who has become the owner of its directory before.
 *
 * @throws Trouble 4.3.0 if that cannot be done; the file is then as it was
 */
export async function storeEntry(path: string, login: string, entry: Entry): Promise<void> {
  try {
    await changeUnderLock(path, (old) => replaced(old, login, entry))
  } catch (cause) {
    if (cause instanceof Trouble) throw cause
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}${remedy(cause)}`, { cause })
  }
}

function remedy(cause: unknown): string {
  switch (errnoOf(cause)) {
    case 'EACCES':
    case 'EPERM':
      return '; run setpassword as the owner of the home'
    case 'ENOENT':
      return '; make the home with config-fast first'
    default:
      return ''
  }
}

function replaced(old: string, login: string, entry: Entry): string {
  const others = old.split('\n').filter((line) => line !== '' && loginOf(line) !== login)
  return `${[...others, lineOf(login, entry)].join('\n')}\n`
}

async function changeUnderLock(path: string, change: (old: string) => string): Promise<void> {
  const locked = openSync(`${path}.lock`, constants.O_CREAT | constants.O_WRONLY | unplanted, 0o600)
  try {
    if (!(await lock(locked, lockSeconds))) throw new Trouble('4.3.0', `${path} is locked by another change of passwords; try again`)
    replaceFile(path, Buffer.from(change(readPasswords(path) ?? ''), 'latin1'))
  } finally {
    closeSync(locked)
  }
}

/** Put a file of these bytes, mode 600, in the place of another; it is on the disk when this returns. */
export function replaceFile(path: string, bytes: Buffer): void {
  const fresh = `${path}.new`
  writeSynced(fresh, bytes)
  renameSync(fresh, path)
  syncDirectory(dirname(path))
}

function writeSynced(path: string, bytes: Buffer): void {
  const { O_CREAT, O_WRONLY, O_TRUNC } = constants
  const fd = openSync(path, O_CREAT | O_WRONLY | O_TRUNC | unplanted, 0o600)
  try {
    fchmodSync(fd, 0o600) // what an earlier crash or umask left does not count
    writeAll(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
