/** Write what is missing in a directory of root's, and leave what is there. */
import { closeSync, existsSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'

/**
 * Write a file whole, or not at all, if it is not there.
 *
 * @param group - who may read it beside root; undefined: everybody
 * @returns whether it was missing
 */
export function writeOnce(path: string, text: string, group?: number): boolean {
  if (existsSync(path)) return false
  const next = `${path}.new`
  const fd = openSync(next, 'w', 0o600)
  try {
    writeFileSync(fd, text, 'latin1')
    if (group !== undefined) fchownSync(fd, 0, group)
    fchmodSync(fd, group === undefined ? 0o644 : 0o640)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(next, path)
  return true
}
