/** Put a file in the place of another, for everybody to read: whoever reads has the old one or the new one. */
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { errorText, Trouble } from '@yabumi/trouble'

const readableByAll = 0o644

/** The temporary file is made anew: what lies there may be another name of somebody's file, or open elsewhere. @throws Trouble 4.3.0; the file is as it was then */
export function replaceFile(path: string, temporary: string, bytes: Buffer): void {
  try {
    rmSync(temporary, { force: true })
    const fd = openSync(temporary, 'wx', readableByAll)
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
