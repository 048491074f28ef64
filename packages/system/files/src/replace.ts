/** A file that is the old one or the new one, whole, whenever it is looked at. */
import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory } from './sync.ts'
import { writeAll } from './write.ts'

/** What the owner of the directory may have put there leads a caller nowhere, and keeps it nowhere: a link is an error, a FIFO without a reader, too. */
export const unplanted: number = constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Put a file of these bytes, mode 600, in the place of another, by PATH.new; it is on the disk when this returns. @throws the system's error */
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
