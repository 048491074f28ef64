/**
 * A directory of messages under queue/, read entry by entry, so that its size does not matter.
 */
import { type Dir, opendirSync } from 'node:fs'
import { isMessageId, type MessageId } from '@yabumi/queuedir'

const entriesAtOnce = 256

export class MessageDirectory {
  readonly #directory: Dir

  /** @param path - relative to queue/ @throws the system's error */
  constructor(path: string) {
    this.#directory = opendirSync(`queue/${path}`, { bufferSize: entriesAtOnce })
  }

  /** The next message. Undefined at the end, or where the directory cannot be read on: the next scan begins anew. */
  next(): MessageId | undefined {
    try {
      for (;;) {
        const name = this.#directory.readSync()?.name
        if (name === undefined || isMessageId(name)) return name
      }
    } catch {
      return undefined
    }
  }

  close(): void {
    this.#directory.closeSync()
  }
}

/** All messages in a directory, one by one; undefined if it cannot be opened. */
export function messagesIn(path: string): Iterable<MessageId> | undefined {
  try {
    return drain(new MessageDirectory(path))
  } catch {
    return undefined
  }
}

function* drain(directory: MessageDirectory): Generator<MessageId, void> {
  for (let id = directory.next(); id !== undefined; id = directory.next()) yield id
  directory.close()
}
