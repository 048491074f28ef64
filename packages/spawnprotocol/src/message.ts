/**
 * The file of a message that a command names: its path is checked, then it is opened, then the open file is checked
 * (spec §2.4.1). Nothing outside queue/mess can be named, and no link, FIFO or file of another account is delivered.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import type { Status } from './report.ts'

/** Why a command is refused at once, as it is reported. */
export interface Refusal {
  readonly status: Status
  readonly text: string
}

const longestPath = 99 // 100 with its NUL

/** What is wrong with the path of a message, or undefined. Digits, and slashes but not in front. */
export function refusePath(path: string): Refusal | undefined {
  if (!/^(?:[0-9][0-9/]*)?$/.test(path)) return { status: 'D', text: 'Internal error: messid has nonnumerics. (#5.3.5)\n' }
  if (path.length > longestPath) return { status: 'D', text: 'Internal error: messid too long. (#5.3.5)\n' }
  if (path === '') return { status: 'D', text: 'Internal error: messid too short. (#5.3.5)\n' }
  return undefined
}

/**
 * Open a message for reading, at its start.
 *
 * @param path - below queue/mess, checked by refusePath; the working directory is the home
 * @param owner - uid of the queue account
 * @returns the descriptor, or why not; then nothing is left open
 */
export function openMessage(path: string, owner: number): number | Refusal {
  let fd: number
  try {
    fd = openSync(`queue/mess/${path}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch {
    return { status: 'Z', text: 'qmail-spawn unable to open message. (#4.3.0)\n' }
  }
  const refusal = refuseFile(fd, owner)
  if (refusal === undefined) return fd
  closeSync(fd)
  return refusal
}

function refuseFile(fd: number, owner: number): Refusal | undefined {
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) return { status: 'Z', text: 'Sorry, message has wrong type. (#4.3.5)\n' }
    if (status.uid !== owner) return { status: 'Z', text: 'Sorry, message has wrong owner. (#4.3.5)\n' }
    return undefined
  } catch {
    return { status: 'Z', text: 'qmail-spawn unable to fstat message. (#4.3.0)\n' }
  }
}
