/**
 * info/: a message's sender, and as its mtime the time of its birth (spec §1.2).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import { Trouble } from '@yabumi/trouble'

export interface Info {
  readonly sender: string
  /** Seconds since 1970. */
  readonly birth: number
}

const letterF = 'F'.charCodeAt(0)

/**
 * Read it; what follows the first record is for later formats.
 *
 * @throws the system's error, or Trouble if the file does not begin with a whole sender record
 */
export function readInfo(id: MessageId): Info {
  const fd = openSync(`queue/${queuePath('info', id)}`, 'r')
  try {
    const birth = Math.floor(fstatSync(fd).mtimeMs / 1000)
    let bytes: Buffer = Buffer.alloc(2048)
    for (let length = 0; ; ) {
      const count = readSync(fd, bytes, length, bytes.length - length, null)
      const end = bytes.subarray(0, length + count).indexOf(0, length)
      if (end > 0 && bytes[0] === letterF) return { sender: bytes.toString('latin1', 1, end), birth }
      if (end >= 0 || count === 0) throw new Trouble('4.3.0', 'info file does not begin with a sender')
      length += count
      if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)])
    }
  } finally {
    closeSync(fd)
  }
}
