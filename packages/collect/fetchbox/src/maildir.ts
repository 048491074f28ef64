/** A Maildir that messages go to, as imap serves it: UIDs, keywords, quota. */
import { resolve } from 'node:path'
import { encodeMailboxName } from '@yabumi/imapwire'
import { MailAccount, type Mailbox, systemFlagBit } from '@yabumi/mailfolder'
import type { Message, Target, TargetMailbox } from './target.ts'

export class MaildirTarget implements Target {
  readonly name: string
  readonly state: string
  readonly #account: MailAccount

  /** @throws the system's error */
  constructor(path: string) {
    this.name = resolve(path)
    this.state = `${this.name}/yabumi-fetchbox`
    this.#account = new MailAccount(Buffer.from(this.name, 'utf8').toString('latin1'))
  }

  async open(levels: readonly string[]): Promise<TargetMailbox> {
    const name = nameOf(levels)
    if (!this.#account.exists(name)) this.#account.create(name)
    const mailbox = this.#account.open(name)
    await mailbox.sync()
    return new MaildirMailbox(mailbox, () => this.#account.close(mailbox))
  }

  async subscribe(levels: readonly string[]): Promise<void> {
    await this.#account.subscribe(nameOf(levels), true)
  }

  close(): Promise<void> {
    this.#account.end()
    return Promise.resolve()
  }
}

/** A dot would begin another level. */
function nameOf(levels: readonly string[]): string {
  return levels.map((level) => encodeMailboxName(level.normalize('NFC')).replace(/[./]|^~/g, '_')).join('/')
}

class MaildirMailbox implements TargetMailbox {
  readonly #mailbox: Mailbox
  readonly #close: () => void

  constructor(mailbox: Mailbox, close: () => void) {
    this.#mailbox = mailbox
    this.#close = close
  }

  uidNext(): Promise<number> {
    return Promise.resolve(this.#mailbox.uidNext)
  }

  async *since(uid: number): AsyncGenerator<Buffer, void> {
    for (const each of this.#mailbox.uids()) {
      const bytes = each < uid ? undefined : await this.#mailbox.read(each)
      if (bytes !== undefined) yield bytes
    }
  }

  async append({ bytes, flags, date }: Message): Promise<void> {
    const bits = flags.reduce((sum, flag) => sum | systemFlagBit(flag), 0)
    const keywords = flags.filter((flag) => !flag.startsWith('\\'))
    await this.#mailbox.append([{ message: bytes, flags: bits, keywords, date: Math.floor(date.getTime() / 1000) }])
  }

  close(): Promise<void> {
    this.#close()
    return Promise.resolve()
  }
}
