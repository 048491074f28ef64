/** A write is whole, or an error: a disk that fills up takes a part first, and says ENOSPC next time. */
import { writeSync } from 'node:fs'

/** Write all of it, from where the descriptor stands. @throws the system's error */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
}
