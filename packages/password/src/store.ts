/**
 * Change the password file: the whole new file or the old one, whatever happens meanwhile.
 *
 * Touches  PATH and PATH.new beside it; the directory is locked (flock) so that two changes come one after the other
 * Synced   PATH.new before the rename, the directory after it
 * Crash    leaves at most PATH.new, which the next change overwrites
 */
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { lock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'
import { type Entry, lineOf, loginOf, readPasswords } from './file.ts'

const lockSeconds = 10

/**
 * Store the entry of a login, in place of an earlier one.
 *
 * @param owner - whom the file shall belong to; only root can give it to another
 * @throws Trouble 4.3.0 if that cannot be done; the file is then as it was
 */
export async function storeEntry(path: string, login: string, entry: Entry, owner: { uid: number; gid: number }): Promise<void> {
  try {
    await changeUnderLock(path, (old) => replaced(old, login, entry), owner)
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

async function changeUnderLock(path: string, change: (old: string) => string, owner: { uid: number; gid: number }): Promise<void> {
  const directory = openSync(dirname(path), 'r')
  try {
    if (!(await lock(directory, lockSeconds))) {
      throw new Trouble('4.3.0', `${dirname(path)} is locked by another change of passwords; try again`)
    }
    const fresh = `${path}.new`
    writeSynced(fresh, Buffer.from(change(readPasswords(path) ?? ''), 'latin1'), owner)
    renameSync(fresh, path)
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function writeSynced(path: string, bytes: Buffer, owner: { uid: number; gid: number }): void {
  const fd = openSync(path, 'w', 0o600)
  try {
    fchmodSync(fd, 0o600) // what an earlier crash or umask left does not count
    if (process.geteuid?.() === 0) fchownSync(fd, owner.uid, owner.gid)
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
