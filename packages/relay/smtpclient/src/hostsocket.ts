/**
 * The last words of a host are read, even though its connection has broken.
 *
 * A host that refuses a message in its middle says why and closes. What we were sending then makes its system answer
 * with RST, and the next write fails. Node throws away what has come and was not read. Here it is read from the
 * descriptor before that is closed.
 */
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import { replyBytes } from '@yabumi/limits'
import { descriptorOf } from '@yabumi/posix'

/** A socket that keeps the last words of its host. */
export class HostSocket extends Socket {
  #lastWords: Buffer = Buffer.alloc(0)

  /** What had come, and was not read, when the connection broke; there when `error` is emitted. */
  get lastWords(): Buffer {
    return this.#lastWords
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (error !== null && !this.connecting) this.#lastWords = unreadOf(this)
    super._destroy(error, callback)
  }
}

function unreadOf(socket: Socket): Buffer {
  const buffer = Buffer.allocUnsafe(replyBytes)
  let length = 0
  try {
    const fd = descriptorOf(socket)
    for (let got = -1; got !== 0 && length < buffer.length; length += got) got = readSync(fd, buffer, length, buffer.length - length, null)
  } catch {
    // nothing more, or no descriptor any more
  }
  return buffer.subarray(0, length)
}
