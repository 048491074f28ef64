/** Put a file in the place of another, for everybody to read: whoever reads has the old one or the new one. */
import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { errorText, Trouble } from '@yabumi/trouble'

const readableByAll = 0o644

/** @throws Trouble 4.3.0; the file is as it was then */
export function replaceFile(path: string, temporary: string, bytes: Buffer): void {
  try {
    const fd = openSync(temporary, constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW, readableByAll)
    try {
      fchmodSync(fd, readableByAll)
      writeFileSync(fd, bytes)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to write ${path}: ${errorText(cause)}`, { cause })
  }
}
