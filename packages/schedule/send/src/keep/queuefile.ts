/**
 * Files under queue/, each named by its path there (package queuedir). The working directory is the home.
 *
 * What does not work is thrown as Trouble in the words of the log: act and file (spec §2.5.7).
 */
import { openSync, statSync, unlinkSync } from 'node:fs'
import { writeAll } from '@yabumi/files'
import { errnoOf, Trouble } from '@yabumi/trouble'

/** Do something to a file; an error becomes Trouble. */
export function attempt<T>(act: string, file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new Trouble('4.3.0', `${act} ${file}`, { cause })
  }
}

/** What the log says of an error. */
export function warningOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether it exists. @throws Trouble if that cannot be told */
export function exists(file: string): boolean {
  return attempt('unable to stat', file, () => statSync(`queue/${file}`, { throwIfNoEntry: false }) !== undefined)
}

/** Make sure that it does not exist. @throws Trouble */
export function remove(file: string): void {
  attempt('unable to unlink', file, () => {
    try {
      unlinkSync(`queue/${file}`)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
  })
}

/** Create it and open it for writing, in the place of one that an attempt cut short has left. @throws Trouble */
export function createAnew(file: string): number {
  const create = (): number => openSync(`queue/${file}`, 'wx', 0o644)
  return attempt('unable to create', file, () => {
    try {
      return create()
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      unlinkSync(`queue/${file}`)
      return create()
    }
  })
}

/** Write all of it. @throws Trouble */
export function writeWhole(file: string, fd: number, bytes: Buffer): void {
  attempt('trouble writing to', file, () => writeAll(fd, bytes))
}
