/**
 * What send knows about messages that it has just preprocessed. The first attempt, usually at once, need not read back
 * what was written a moment ago.
 *
 * Only short messages, only a few, only for a moment: what waits longer is read from the disk, where an administrator
 * may have changed it.
 */
import type { MessageId } from '@yabumi/queuedir'
import type { PerChannel } from './channel.ts'
import type { Info } from './info.ts'

export interface FreshMessage extends Info {
  /** What the channel files hold; undefined: look on the disk. */
  readonly records: PerChannel<Buffer | undefined>
}

const messages = 256
const recordBytes = 2_048
const seconds = 2

export class FreshMessages {
  readonly #messages = new Map<MessageId, FreshMessage>()

  add(id: MessageId, message: FreshMessage): void {
    const { local, remote } = message.records
    if ((local?.length ?? 0) + (remote?.length ?? 0) > recordBytes) return
    this.#messages.set(id, message)
    if (this.#messages.size > messages) this.#messages.delete(this.#messages.keys().next().value as MessageId)
  }

  /** @param now - seconds since 1970 */
  get(id: MessageId, now: number): FreshMessage | undefined {
    const message = this.#messages.get(id)
    return message !== undefined && now - message.birth <= seconds ? message : undefined
  }

  /** The message is done, or waits for another attempt. */
  forget(id: MessageId): void {
    this.#messages.delete(id)
  }
}
