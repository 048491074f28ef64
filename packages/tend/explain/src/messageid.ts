/** Finds messages in the queue by the Message-ID in their headers. The working directory is queue/. */
import { closeSync, constants, readdirSync, readSync } from 'node:fs'
import { isMessageId, type MessageId, openQueueFile } from '@yabumi/queuedir'

/** A field further down is not looked for. */
const headerBytes = 16_384
const buffer = Buffer.allocUnsafe(headerBytes)

/** Those in one part of the queue with this Message-ID, which has its angle brackets. */
export function findByMessageId(part: number, wanted: string): MessageId[] {
  return readdirSync(`mess/${part}`).filter((id) => isMessageId(id) && messageIdOf(`mess/${part}/${id}`) === wanted)
}

/** The Message-ID of a message; undefined if it has none, or has gone. */
export function messageIdOf(path: string): string | undefined {
  let fd: number
  try {
    fd = openQueueFile(path, constants.O_RDONLY).fd
  } catch {
    return undefined
  }
  try {
    const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, headerBytes, 0))
    const header = text.split(/\n\r?\n/, 1)[0] as string
    return /^message-id:\s*(<[^<>\n]*>)/im.exec(header)?.[1]
  } finally {
    closeSync(fd)
  }
}
