/** Make what was written to a descriptor durable. */
import { fsync, fsyncSync } from 'node:fs'

/**
 * Sync a file or directory.
 *
 * @param alone - whether this process has nothing else to do meanwhile. Then it waits itself: two changes of thread take longer than most syncs.
 * @throws the system's error
 */
export async function flush(fd: number, alone: boolean): Promise<void> {
  if (alone) fsyncSync(fd)
  else await new Promise<void>((resolve, reject) => fsync(fd, (error) => (error === null ? resolve() : reject(error))))
}
