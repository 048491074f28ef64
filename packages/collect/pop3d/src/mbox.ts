/**
 * An mbox as a maildrop, while others deliver to it.
 *
 * The lock is held for short steps only, never while the client is waited for. So the file may change between two
 * steps. Before bytes are sent, their digest shows that they are still the message; if not, it is looked for again.
 */
import { fstatSync, readSync } from 'node:fs'
import { complain } from '@yabumi/commandline'
import { digestOf, MboxInUse, type MboxMessage, NotMbox, recoverMbox, removeMessages, scanMbox, withMbox } from '@yabumi/mbox'
import { errnoOf, errorText } from '@yabumi/trouble'
import { CannotScan, type Content, type Maildrop, type Message } from './maildrop.ts'

/** A message of this session. */
class Found implements Message {
  readonly size: number
  readonly uid: string
  /** Undefined once somebody else has removed it. */
  place: MboxMessage | undefined
  /** The state of the file in which it was seen there. */
  seenIn: string

  constructor(place: MboxMessage, seenIn: string) {
    this.place = place
    this.seenIn = seenIn
    this.size = place.end - place.content
    this.uid = place.uid
  }
}

export class Mbox implements Maildrop {
  readonly messages: readonly Found[]
  readonly #path: string

  private constructor(path: string, messages: readonly Found[]) {
    this.#path = path
    this.messages = messages
  }

  /**
   * List the messages that are there now.
   *
   * @param path - a byte string
   * @throws CannotScan
   */
  static async find(path: string): Promise<Mbox> {
    const list = (fd: number) => {
      const state = stateOf(fd)
      return scanMbox(fd, fstatSync(fd).size).map((place) => new Found(place, state))
    }
    try {
      return new Mbox(
        path,
        await withMbox(path, 'write', (fd) => {
          recoverMbox(path, fd)
          return list(fd)
        }),
      )
    } catch (error) {
      if (!['EACCES', 'EROFS'].includes(errnoOf(error) ?? '')) throw cannotScan(path, error)
    }
    try {
      return new Mbox(path, await withMbox(path, 'read', list))
    } catch (error) {
      throw cannotScan(path, error)
    }
  }

  async open(index: number): Promise<Content> {
    const message = this.messages[index] as Found
    await withMbox(this.#path, 'read', (fd) => this.#placeOf(message, fd))
    let sent = 0
    const read = (into: Buffer) =>
      withMbox(this.#path, 'read', (fd) => {
        const { content, end } = this.#placeOf(message, fd)
        const length = readSync(fd, into, 0, Math.min(into.length, end - content - sent), content + sent)
        sent += length
        return length
      })
    return { read, close: () => {} }
  }

  async finish(deleted: ReadonlySet<number>): Promise<boolean> {
    if (deleted.size === 0) return true
    const uids = new Set(this.messages.filter((_, index) => deleted.has(index)).map(({ uid }) => uid))
    try {
      await withMbox(this.#path, 'write', (fd) => removeMessages(this.#path, fd, uids))
      return true
    } catch (error) {
      complain(`pop3d: unable to remove messages from ${this.#path}: ${errorText(error)}`)
      return false
    }
  }

  /** Where the message lies now. @throws if it is nowhere */
  #placeOf(message: Found, fd: number): MboxMessage {
    const state = stateOf(fd)
    if (message.seenIn !== state) {
      if (message.place === undefined || !isThere(message.place, fd)) this.#findAgain(fd)
      message.seenIn = state
    }
    if (message.place === undefined) throw new Error(`a message has gone from ${this.#path}`)
    return message.place
  }

  #findAgain(fd: number): void {
    const places = new Map(scanMbox(fd, fstatSync(fd).size).map((place) => [place.uid, place]))
    for (const message of this.messages) message.place = places.get(message.uid)
  }
}

/** Differs whenever the file has been written to. */
function stateOf(fd: number): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true })
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
}

function isThere({ start, end, uid }: MboxMessage, fd: number): boolean {
  return uid.startsWith(digestOf(fd, start, end))
}

function cannotScan(path: string, cause: unknown): CannotScan {
  complain(`pop3d: unable to read ${path}: ${cause instanceof NotMbox ? cause.message : errorText(cause)}`)
  return new CannotScan(path, { cause, isInUse: cause instanceof MboxInUse })
}
