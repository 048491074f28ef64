/** An account at another server that messages go to. */

import { Trouble } from '@yabumi/trouble'
import type { ImapFlow } from 'imapflow'
import { connect, type Server } from './server.ts'
import type { Message, Target, TargetMailbox } from './target.ts'

export class ImapTarget implements Target {
  readonly name: string
  readonly state: string
  readonly #flow: ImapFlow

  private constructor(name: string, flow: ImapFlow) {
    this.name = name
    this.state = `${process.env['HOME'] ?? '.'}/.local/state/fetchbox`
    this.#flow = flow
  }

  /** @throws Trouble as connect() */
  static async connect(server: Server, password: string, authority: string | undefined): Promise<ImapTarget> {
    return new ImapTarget(server.name, await connect(server, password, authority))
  }

  async open(levels: readonly string[]): Promise<TargetMailbox> {
    const path = this.#path(levels)
    if (levels.join('/').toUpperCase() !== 'INBOX') await this.#flow.mailboxCreate(path) // it says itself if there is one
    await this.#flow.mailboxOpen(path)
    return new ImapMailbox(this.#flow, path)
  }

  async subscribe(levels: readonly string[]): Promise<void> {
    await this.#flow.mailboxSubscribe(this.#path(levels))
  }

  async close(): Promise<void> {
    await this.#flow.logout().catch(() => undefined)
  }

  #path(levels: readonly string[]): string {
    const prefix = this.#flow.namespace?.prefix ?? ''
    const delimiter = this.#flow.namespace?.delimiter ?? '/'
    const [first = '', ...below] = levels
    const top = first.toUpperCase() === 'INBOX' ? 'INBOX' : `${prefix}${first}`
    return [top, ...below].map((level, index) => (index === 0 ? level : level.replaceAll(delimiter, '_'))).join(delimiter)
  }
}

class ImapMailbox implements TargetMailbox {
  readonly #flow: ImapFlow
  readonly #path: string

  constructor(flow: ImapFlow, path: string) {
    this.#flow = flow
    this.#path = path
  }

  async uidNext(): Promise<number> {
    const status = await this.#flow.status(this.#path, { uidNext: true })
    const next = status === false ? undefined : status.uidNext
    if (next === undefined) throw new Trouble('4.3.0', `${this.#path}: the server does not say which UID comes next`)
    return next
  }

  async *since(uid: number): AsyncGenerator<Buffer, void> {
    await this.#flow.noop()
    for await (const found of this.#flow.fetch(`${uid}:*`, { source: true }, { uid: true })) {
      if (found.uid >= uid && found.source !== undefined) yield found.source
    }
  }

  async append({ bytes, flags, date }: Message): Promise<void> {
    const done = await this.#flow.append(this.#path, bytes, [...flags], date)
    if (done === false) throw new Trouble('4.3.0', `${this.#path}: the message was not taken`)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
