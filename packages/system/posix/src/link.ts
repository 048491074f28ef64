/** A symbolic link is read by its descriptor, so that nobody can put another in its place meanwhile. */
import { libc, systemError } from './libc.ts'

const longestPath = 4_096

/** Where a symbolic link leads that is open itself (O_PATH, O_NOFOLLOW): whatever has its name now (readlinkat). Byte string. */
export function targetOf(fd: number): string {
  const target = Buffer.alloc(longestPath)
  const length = libc().readlinkat(fd, '', target, longestPath)
  if (length < 0) throw systemError('readlinkat')
  return target.toString('latin1', 0, length)
}
