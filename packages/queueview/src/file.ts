/** A queue file, read whole: with as few system calls as there can be, because there are a hundred thousand of them. */
import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { errnoOf } from '@yabumi/trouble'

const buffer = Buffer.allocUnsafe(65_536)

export interface QueueFile {
  /** Byte string. */
  readonly text: string
  readonly stats: Stats
}

/** @returns undefined if there is none (any more) @throws the system's error */
export function readQueueFile(path: string): QueueFile | undefined {
  const fd = openOrMissing(path)
  if (fd === undefined) return undefined
  try {
    return { text: readAll(fd), stats: fstatSync(fd) }
  } finally {
    closeSync(fd)
  }
}

/** The same without its times. */
export function readQueueText(path: string): string | undefined {
  const fd = openOrMissing(path)
  if (fd === undefined) return undefined
  try {
    return readAll(fd)
  } finally {
    closeSync(fd)
  }
}

function readAll(fd: number): string {
  let text = ''
  for (;;) {
    const length = readSync(fd, buffer, 0, buffer.length, null)
    text += buffer.toString('latin1', 0, length)
    if (length < buffer.length) return text
  }
}

function openOrMissing(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
