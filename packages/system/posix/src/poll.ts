/** Which descriptors have something to read, poll(2): for those that Node cannot wait for, such as inotify's. */
import { libc, systemError } from './libc.ts'

const POLLIN = 1
const entryBytes = 8

/** Of these, the ones that can be read now, or have an error. Does not wait. @throws the system's error */
export function readableOf(fds: readonly number[]): number[] {
  if (fds.length === 0) return []
  const entries = Buffer.alloc(fds.length * entryBytes)
  for (const [at, fd] of fds.entries()) {
    entries.writeInt32LE(fd, at * entryBytes)
    entries.writeInt16LE(POLLIN, at * entryBytes + 4)
  }
  if (libc().poll(entries, fds.length, 0) < 0) throw systemError('poll')
  return fds.filter((_, at) => entries.readInt16LE(at * entryBytes + 6) !== 0)
}
