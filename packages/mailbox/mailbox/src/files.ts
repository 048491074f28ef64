/** Small files of the home that are read and replaced as a whole. The working directory is the home. */
import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory, writeAll } from '@yabumi/files'
import { lock } from '@yabumi/posix'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

const lockSeconds = 60

/** @returns latin1; undefined if it is not there. @throws Trouble 4.3.0 if it is a link, or cannot be read */
export function readControlled(path: string): string | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${path}: ${errorText(cause)}`, { cause })
  }
  try {
    return readFileSync(fd, 'latin1')
  } finally {
    closeSync(fd)
  }
}

/** Put a text in place: readers see the old one or the new one. On the disk when this returns. @throws Trouble 4.3.0 */
export function replace(path: string, text: string): void {
  const next = `${path}.tmp`
  try {
    rmSync(next, { force: true })
    const fd = openSync(next, 'wx', 0o644)
    try {
      writeAll(fd, Buffer.from(text, 'latin1'))
      fchmodSync(fd, 0o644)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(next, path)
    syncDirectory(dirname(path))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}

/** Wait until nobody else changes mailboxes; until this process ends. @throws Trouble 4.3.0 */
export async function lockMailboxes(): Promise<void> {
  const path = 'users/mailboxes.lock'
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
    if (!fstatSync(fd).isFile()) throw new Error('it is no file')
    if (!(await lock(fd, lockSeconds))) throw new Error('somebody else has it')
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to lock ${path}: ${errorText(cause)}`, { cause })
  }
}
