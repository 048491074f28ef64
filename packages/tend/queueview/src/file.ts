/** A queue file, read whole: with as few system calls as there can be, because there are a hundred thousand of them. */
import { closeSync, constants, readSync, type Stats } from 'node:fs'
import { openQueueFile } from '@yabumi/queuedir'
import { errnoOf } from '@yabumi/trouble'

const buffer = Buffer.allocUnsafe(65_536)

export interface QueueFile {
  /** Byte string. */
  readonly text: string
  readonly stats: Stats
}

/** @returns undefined if there is none (any more) @throws the system's error, or Trouble for what is no regular file */
export function readQueueFile(path: string): QueueFile | undefined {
  const file = openOrMissing(path)
  if (file === undefined) return undefined
  const { fd, stats } = file
  try {
    return { text: readAll(fd), stats }
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

function openOrMissing(path: string): ReturnType<typeof openQueueFile> | undefined {
  try {
    return openQueueFile(path, constants.O_RDONLY)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
