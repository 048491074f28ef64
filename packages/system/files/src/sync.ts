/** A name is on the disk once its directory is synced: the sync of the file does not see to that. */
import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Make the entries of a directory durable that are in it now. @throws the system's error */
export function syncDirectory(path: string | Buffer): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
