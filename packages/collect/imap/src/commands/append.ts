/**
 * APPEND and REPLACE: messages come in, also many at once, whole or in pieces (RFC 9051 §6.3.12, RFC 3502, RFC 4469,
 * RFC 8508).
 *
 * Memory  all messages of one command, imapMessageBytes at most
 */
import { type AppendMessage, AppendReader, BadCommand, type Command, NumberSet, parseSequenceSet, RefusedCommand } from '@yabumi/imapwire'
import { imapMessageBytes } from '@yabumi/limits'
import { type Mailbox, systemFlagBit } from '@yabumi/mailfolder'
import { encodeBinary } from '@yabumi/mimeparts'
import { bytesOfUrl } from '../catenated.ts'
import { uidsOf } from '../messages.ts'
import type { Incoming, MessageEvent, Session } from '../session.ts'
import { withTarget } from './copy.ts'

/** Bytes that a client has sent; `binary` as a literal that may hold NUL. */
interface Sent {
  readonly bytes: Buffer
  readonly binary: boolean
}

/** An APPEND whose messages come. */
export class Appending implements Incoming {
  readonly tag: string
  protected readonly session: Session
  readonly #reader: AppendReader
  readonly #sent: Sent[] = []
  #pieces: Buffer[] = []
  #bytes = 0
  #isBinary = false

  /** @param mailboxAt - which word names the mailbox */
  constructor(session: Session, tag: string, mailboxAt = 0) {
    this.session = session
    this.tag = tag
    this.#reader = new AppendReader(mailboxAt)
  }

  /**
   * A message, or a piece of one, is announced.
   *
   * @throws BadCommand, RefusedCommand, Refusal - it is not to be taken
   */
  announce({ args, sizeBytes, binary }: MessageEvent): void {
    this.#reader.announced(args)
    const name = this.session.nameOf(this.#reader.mailbox)
    if (!this.session.account.exists(name)) throw new RefusedCommand('there is no such mailbox', 'TRYCREATE')
    this.#isBinary = binary
    this.#count(sizeBytes)
  }

  /** Before a byte is sent for nothing; append() asks for room again. */
  #count(sizeBytes: number): void {
    this.#bytes += sizeBytes
    this.session.account.needRoom({ bytes: this.#bytes, count: 1 })
    if (this.#bytes > imapMessageBytes) throw new RefusedCommand(`messages have ${imapMessageBytes} bytes at most`, 'TOOBIG')
  }

  /** Bytes of what was announced last. */
  take(bytes: Buffer, last: boolean): void {
    this.#pieces.push(bytes)
    if (!last) return
    this.#sent.push({ bytes: Buffer.concat(this.#pieces), binary: this.#isBinary })
    this.#pieces = []
  }

  /** Everything has come. @returns what stands after `tag OK `. @throws as a handler */
  async finish({ args }: Command): Promise<string> {
    const asked = this.#reader.finish(args)
    if (asked.flatMap(({ pieces }) => pieces.filter(({ piece }) => piece === 'streamed')).length !== this.#sent.length) {
      throw new BadCommand('a message is missing')
    }
    return withTarget(this.session, this.session.nameOf(this.#reader.mailbox), async (mailbox) => {
      const messages: Parameters<Mailbox['append']>[0][number][] = []
      for (const one of asked) messages.push(appended(one, await this.#whole(one)))
      if (messages.some(({ message }) => message.length === 0)) throw new RefusedCommand('a message without a byte is none')
      await mailbox.sync()
      const uids = await mailbox.append(messages)
      return `[APPENDUID ${mailbox.uidValidity} ${NumberSet.of(uids)}] it lies there now`
    })
  }

  /** Its pieces in their order. @throws RefusedCommand BADURL, TOOBIG, OVERQUOTA */
  async #whole({ pieces }: AppendMessage): Promise<Buffer> {
    const whole: Sent[] = []
    for (const piece of pieces) {
      if (piece.piece === 'streamed') whole.push(this.#sent.shift() as Sent)
      else {
        const bytes = await bytesOfUrl(this.session, piece.url)
        this.#count(bytes.length)
        whole.push({ bytes, binary: false })
      }
    }
    const message = Buffer.concat(whole.map(({ bytes }) => bytes))
    return whole.some(({ binary }) => binary) ? encodeBinary(message) : message
  }
}

function appended({ flags, date }: AppendMessage, message: Buffer): Parameters<Mailbox['append']>[0][number] {
  const bits = flags.system.reduce((all, flag) => all | systemFlagBit(flag), 0)
  return { message, flags: bits, keywords: flags.keywords, ...(date === undefined ? {} : { date }) }
}

/** A REPLACE: one message comes, and another one goes. */
export class Replacing extends Appending {
  readonly #byUid: boolean

  constructor(session: Session, { tag, name }: Pick<Command, 'tag' | 'name'>) {
    super(session, tag, 1)
    this.#byUid = name === 'UID REPLACE'
  }

  override announce(event: MessageEvent): void {
    this.#replaced(event)
    super.announce(event)
  }

  override async finish(command: Command): Promise<string> {
    const uid = this.#replaced(command)
    const text = await super.finish(command)
    this.session.connection.put(`* OK ${text}\r\n`)
    await this.session.needWritable().mailbox.expunge([uid])
    return 'replaced'
  }

  /** UID of the message that shall go. @throws BadCommand, RefusedCommand */
  #replaced({ args }: Pick<Command, 'args'>): number {
    const selected = this.session.needWritable()
    const [word] = args
    const set = parseSequenceSet(word?.type === 'atom' ? word.text : '')
    if (set !== 'saved' && (set.ranges.length !== 1 || set.ranges[0]?.[0] !== set.ranges[0]?.[1]))
      throw new BadCommand('One message is replaced')
    const [uid, more] = uidsOf(selected, set, this.#byUid, this.session.saved)
    if (uid === undefined || more !== undefined) throw new RefusedCommand('there is no such message')
    return uid
  }
}

/** An APPEND or REPLACE without a literal. */
export function answerAppend(session: Session, command: Command): Promise<string> {
  return incoming(session, command).finish(command)
}

/** What takes the messages of a command. */
export function incoming(session: Session, command: Pick<Command, 'tag' | 'name'>): Appending {
  return command.name === 'APPEND' ? new Appending(session, command.tag) : new Replacing(session, command)
}
