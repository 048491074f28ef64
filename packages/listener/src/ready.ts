import { closeSync, writeSync } from 'node:fs'

/** Tell whoever waits on this descriptor that we are there: one newline, as s6 expects it (`notification-fd`). */
export function announceReady(fd: number): void {
  writeSync(fd, '\n')
  closeSync(fd)
}
