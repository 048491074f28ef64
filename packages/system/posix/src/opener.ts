/** Whether anybody else has a file open is asked of the kernel, by a write lease: fcntl(2), given back at once. */
import { libc, systemError } from './libc.ts'

const F_SETLEASE = 1024
const F_WRLCK = 1
const F_UNLCK = 2

/**
 * Whether this descriptor is the only one anywhere that leads to its file: no other process has it open or mapped.
 *
 * False too where a file system has no leases, or the file belongs to another account.
 */
export function isOnlyOpener(fd: number): boolean {
  if (libc().fcntl(fd, F_SETLEASE, F_WRLCK) < 0) return false
  if (libc().fcntl(fd, F_SETLEASE, F_UNLCK) < 0) throw systemError('fcntl')
  return true
}
