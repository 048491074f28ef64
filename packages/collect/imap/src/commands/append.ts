/**
 * APPEND: messages come in, also many at once (RFC 9051 §6.3.12, RFC 3502).
 *
 * Memory  all messages of one command, imapMessageBytes at most
 */
import { type AppendMessage, AppendReader, BadCommand, type Command, NumberSet, RefusedCommand } from '@yabumi/imapwire'
import { imapMessageBytes } from '@yabumi/limits'
import { type Mailbox, systemFlagBit } from '@yabumi/mailfolder'
import { encodeBinary } from '@yabumi/mimeparts'
import type { Incoming, MessageEvent, Session } from '../session.ts'
import { withTarget } from './copy.ts'

/** An APPEND whose messages come. */
export class Appending implements Incoming {
  readonly tag: string
  readonly #session: Session
  readonly #reader = new AppendReader()
  readonly #messages: Buffer[] = []
  #pieces: Buffer[] = []
  #bytes = 0
  #isBinary = false

  constructor(session: Session, tag: string) {
    this.#session = session
    this.tag = tag
  }

  /**
   * A message is announced.
   *
   * @throws BadCommand, RefusedCommand - it is not to be taken
   */
  announce({ args, sizeBytes, binary }: MessageEvent): void {
    const { pieces } = this.#reader.announced(args)
    const name = this.#session.nameOf(this.#reader.mailbox)
    if (!this.#session.account.exists(name)) throw new RefusedCommand('there is no such mailbox', 'TRYCREATE')
    if (pieces.length > 0) throw new RefusedCommand('CATENATE is not known here', 'CANNOT')
    this.#isBinary = binary
    this.#bytes += sizeBytes
    this.#checkRoom()
    if (this.#bytes > imapMessageBytes) throw new RefusedCommand(`messages have ${imapMessageBytes} bytes at most`, 'TOOBIG')
  }

  /** Before a byte is sent for nothing; append() asks again. */
  #checkRoom(): void {
    const { limit, used } = this.#session.account.usage()
    if (limit.bytes > 0 && used.bytes + this.#bytes > limit.bytes)
      throw new RefusedCommand('the quota of this account is used up', 'OVERQUOTA')
  }

  /** Bytes of the message that was announced last. */
  take(bytes: Buffer, last: boolean): void {
    this.#pieces.push(bytes)
    if (!last) return
    const message = Buffer.concat(this.#pieces)
    this.#messages.push(this.#isBinary ? encodeBinary(message) : message)
    this.#pieces = []
  }

  /** Everything has come. @returns what stands after `tag OK `. @throws as a handler */
  async finish({ args }: Command): Promise<string> {
    const asked = this.#reader.finish(args)
    if (asked.length !== this.#messages.length) throw new BadCommand('a message is missing')
    if (this.#messages.some(({ length }) => length === 0)) throw new RefusedCommand('a message without a byte is none')
    return withTarget(this.#session, this.#session.nameOf(this.#reader.mailbox), async (mailbox) => {
      await mailbox.sync()
      const uids = await mailbox.append(asked.map((message, at) => appended(message, this.#messages[at] as Buffer)))
      return `[APPENDUID ${mailbox.uidValidity} ${NumberSet.of(uids)}] it lies there now`
    })
  }
}

function appended({ flags, date }: AppendMessage, message: Buffer): Parameters<Mailbox['append']>[0][number] {
  const bits = flags.system.reduce((all, flag) => all | systemFlagBit(flag), 0)
  return { message, flags: bits, keywords: flags.keywords, ...(date === undefined ? {} : { date }) }
}

/** An APPEND without any message. */
export async function answerAppend(session: Session, command: Command): Promise<string> {
  return new Appending(session, command.tag).finish(command)
}
