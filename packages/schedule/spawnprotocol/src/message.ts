/**
 * The file of a message that a command names: its path is checked, then it is opened, then the open file is checked
 * (spec §2.4.1). Nothing outside queue/mess can be named, and no link, FIFO or file of another account is delivered.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { spareMessageBytes } from '@yabumi/limits'
import { sealedFile } from '@yabumi/posix'
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
  const message = open(path, owner)
  return 'status' in message ? message : message.fd
}

/** What is given away of a message: its bytes, or the descriptor of its file. */
export type Content = Buffer | number

/**
 * What may be given to somebody who may never see another message: no file that queue writes over.
 *
 * One that is short enough to be written over when it is done with (spareMessageBytes) is read. A longer one is given as it is: its file never gets
 * shorter, so queue takes it for nothing else, and once unlinked it is only its holders'.
 *
 * @returns or why not; then nothing is left open
 */
export function contentToGive(path: string, owner: number): Content | Refusal {
  const message = open(path, owner)
  if ('status' in message) return message
  const { fd, sizeBytes } = message
  if (sizeBytes > spareMessageBytes) return fd
  try {
    return contentOf(fd, sizeBytes)
  } catch {
    return { status: 'Z', text: 'qmail-spawn unable to copy message. (#4.3.0)\n' }
  } finally {
    closeSync(fd)
  }
}

/**
 * The same for a program, which reads it from a descriptor: the bytes are in a file in memory, where nobody can change them.
 *
 * @returns as openMessage; where there is no memory or descriptor for a copy the delivery is deferred
 */
export function openToGive(path: string, owner: number): number | Refusal {
  const content = contentToGive(path, owner)
  if (!Buffer.isBuffer(content)) return content
  try {
    return sealedFile('message', content)
  } catch {
    return { status: 'Z', text: 'qmail-spawn unable to copy message. (#4.3.0)\n' }
  }
}

interface OpenMessage {
  readonly fd: number
  readonly sizeBytes: number
}

function open(path: string, owner: number): OpenMessage | Refusal {
  let fd: number
  try {
    fd = openSync(`queue/mess/${path}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch {
    return { status: 'Z', text: 'qmail-spawn unable to open message. (#4.3.0)\n' }
  }
  const message = look(fd, owner)
  if ('status' in message) closeSync(fd)
  return message
}

function look(fd: number, owner: number): OpenMessage | Refusal {
  try {
    const status = fstatSync(fd)
    if (!status.isFile()) return { status: 'Z', text: 'Sorry, message has wrong type. (#4.3.5)\n' }
    if (status.uid !== owner) return { status: 'Z', text: 'Sorry, message has wrong owner. (#4.3.5)\n' }
    return { fd, sizeBytes: status.size }
  } catch {
    return { status: 'Z', text: 'qmail-spawn unable to fstat message. (#4.3.0)\n' }
  }
}

function contentOf(fd: number, sizeBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  for (let at = 0; at < sizeBytes; ) {
    const count = readSync(fd, bytes, at, sizeBytes - at, at)
    if (count === 0) throw new Error('the file is shorter than it was')
    at += count
  }
  return bytes
}
