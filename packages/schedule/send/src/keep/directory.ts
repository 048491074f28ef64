/**
 * A directory of messages under queue/. A short one is read at once, which costs a third. A long one is read entry by
 * entry, so that its size does not matter.
 */
import { type Dir, opendirSync, readdirSync, statSync } from 'node:fs'
import { isMessageId, type MessageId } from '@yabumi/queuedir'

const entriesAtOnce = 256
/** Of the directory itself: some 2,700 names on ext4, which take a millisecond. */
const shortBytes = 65_536

export class MessageDirectory {
  /** Of a short directory, the next one last. */
  #names: string[] = []
  readonly #directory: Dir | undefined
  /** Whether next() has ended before the end. */
  failed = false

  /** @param path - relative to queue/ @throws the system's error */
  constructor(path: string) {
    const directory = `queue/${path}`
    if (statSync(directory).size > shortBytes) this.#directory = opendirSync(directory, { bufferSize: entriesAtOnce })
    else this.#names = readdirSync(directory).reverse()
  }

  /** The next message. Undefined at the end, or where the directory cannot be read on: the next scan begins anew. */
  next(): MessageId | undefined {
    try {
      for (;;) {
        const name = this.#directory === undefined ? this.#names.pop() : this.#directory.readSync()?.name
        if (name === undefined || isMessageId(name)) return name
      }
    } catch {
      this.failed = true
      return undefined
    }
  }

  close(): void {
    this.#directory?.closeSync()
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
