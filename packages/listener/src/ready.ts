import { closeSync, writeSync } from 'node:fs'
import { errorText, Trouble } from '@yabumi/trouble'

/**
 * Tell whoever waits on this descriptor that we are there: one newline, as s6 expects it (`notification-fd`).
 *
 * @throws Trouble 5.3.5 if it is not open for writing
 */
export function announceReady(fd: number): void {
  try {
    writeSync(fd, '\n')
    closeSync(fd)
  } catch (cause) {
    throw new Trouble('5.3.5', `unable to write to descriptor ${fd}, named by --ready-fd: ${errorText(cause)}`, { cause })
  }
}
