/** Exclusive locks on open files, flock(2). Waiting for one ends in time and blocks no thread. */
import { libc, systemError } from './libc.ts'

const LOCK_EX = 2
const LOCK_NB = 4
const LOCK_UN = 8

/** Take the exclusive flock(2) of an open file without waiting. @returns false if somebody else holds it */
export function tryLock(fd: number): boolean {
  if (libc().flock(fd, LOCK_EX | LOCK_NB) === 0) return true
  const error = systemError('flock')
  if (error.code === 'EAGAIN') return false
  throw error
}

/** Give the flock(2) of an open file back. Closing it does so too. */
export function unlock(fd: number): void {
  if (libc().flock(fd, LOCK_UN) !== 0) throw systemError('flock')
}

const pollMilliseconds = 50 // flock has no time limit of its own, and a blocked thread could not be taken back

/**
 * Take the exclusive flock(2) of an open file, waiting for it. Closing the file gives it back.
 *
 * @returns false if it could not be had within the time
 */
export async function lock(fd: number, seconds: number): Promise<boolean> {
  const end = performance.now() + seconds * 1000
  while (!tryLock(fd)) {
    if (performance.now() >= end) return false
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds))
  }
  return true
}
