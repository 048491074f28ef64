/** The room for messages: what the file system of the queue has for an account that is not root. */
import { statfsSync } from 'node:fs'

/** @returns bytes. The working directory is queue/. @throws the system's error */
export function freeBytes(): number {
  const { bavail, bsize } = statfsSync('.')
  return bavail * bsize
}
