/**
 * The session of one client that has logged in: its commands, carried out one after the other (RFC 9051 §6).
 *
 * Bound   imapSilenceSeconds without a command; imapSessionBadCommands commands that are none
 */
import { BadCommand, type Command, NumberSet, type ReaderEvent, RefusedCommand } from '@yabumi/imapwire'
import { imapRestSeconds, imapSessionBadCommands, imapSilenceSeconds } from '@yabumi/limits'
import { type MailAccount, type Mailbox, Refusal } from '@yabumi/mailfolder'
import { errorText } from '@yabumi/trouble'
import { capabilities } from './capabilities.ts'
import type { Connection } from './connection.ts'
import { Contexts } from './contexts.ts'
import { Enabled } from './enabled.ts'
import { MessageReader } from './messages.ts'
import { tellNews } from './news.ts'
import { keepsNumbers, needsNumbers, uidRequired } from './numbers.ts'
import { type Parked, Resting, rest, unpark } from './parking.ts'
import type { Selected } from './selected.ts'
import { Turn } from './turn.ts'
import type { Watching } from './watching.ts'

/**
 * Carries a command out.
 *
 * @returns what stands after `tag OK `
 * @throws BadCommand, RefusedCommand, Refusal; any other error is trouble of ours, which the log gets
 */
export type Handler = (session: Session, command: Command) => Promise<string>

/** A message is announced. */
export type MessageEvent = Extract<ReaderEvent, { kind: 'message' }>

/** A command whose messages come before its end. */
export interface Incoming {
  readonly tag: string
  announce(event: MessageEvent): void
  take(bytes: Buffer, last: boolean): void
  finish(command: Command): Promise<string>
}

/** What carries out commands. */
export interface Commands {
  readonly handlers: Readonly<Partial<Record<string, Handler>>>
  /** @param command - one that takes messages */
  incoming(session: Session, command: Command): Incoming
}

export class Session extends Enabled {
  readonly connection: Connection
  readonly account: MailAccount
  readonly reader: MessageReader = new MessageReader()
  selected: Selected | undefined
  /** UIDs of `$`, the result of a search (RFC 5182). */
  saved: NumberSet = NumberSet.empty
  readonly contexts: Contexts = new Contexts()
  /** Undefined for a client that has not said NOTIFY. */
  notify: Watching | undefined
  /** UIDs whose flags this command has told. */
  known: ReadonlySet<number> | undefined
  readonly resting: Resting = new Resting()
  readonly #commands: Commands
  readonly #log: (line: string) => void
  #incoming: Incoming | undefined
  #bad = 0
  #isEnding = false
  #lastWord = ''
  readonly #turn: Turn

  constructor(connection: Connection, account: MailAccount, commands: Commands, log: (line: string) => void) {
    super()
    this.#turn = new Turn(connection)
    this.connection = connection
    this.account = account
    this.#commands = commands
    this.#log = log
  }

  /** No further command is taken. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Serve the client until it leaves, or rests. @param tag - of the command that logged it in. @returns what is kept of it if it rests */
  serve(tag: string): Promise<Parked | undefined> {
    this.connection.put(`${tag} OK [CAPABILITY ${capabilities}] you are logged in\r\n`)
    return this.#serveOn()
  }

  /** Serve a client again that rested. @param bytes - what it has said. @returns as above */
  async resume(state: string, bytes: Buffer): Promise<Parked | undefined> {
    this.connection.begin(bytes)
    const idle = await unpark(this, state)
    this.resting.goesOn = idle !== undefined
    if (idle !== undefined) await this.#carryOut({ tag: idle, name: 'IDLE', args: [] })
    return this.#serveOn()
  }

  async #serveOn(): Promise<Parked | undefined> {
    const { connection } = this
    while (!this.#isEnding && this.resting.parked === undefined) {
      const silence = setTimeout(() => this.leave('* BYE you were silent for too long\r\n'), 1000 * imapSilenceSeconds)
      const impatience = setInterval(() => connection.wake(), 1000 * imapRestSeconds)
      const event = await this.#nextEvent()
      clearTimeout(silence)
      clearInterval(impatience)
      if (event === undefined || connection.isCut) break
      await this.#answer(event)
      await connection.room()
    }
    this.notify?.end()
    this.unselect(false)
    connection.put(this.#lastWord)
    await connection.end()
    return this.resting.parked
  }

  override enable(name: string): boolean {
    if (name === 'IMAP4REV2') this.reader.openGlobals()
    return super.enable(name)
  }

  /**
   * Take no further command. The one under way is finished before.
   *
   * @param lastWord - what the client hears then, with its line end; empty for nothing
   */
  leave(lastWord: string): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#lastWord = lastWord
    this.connection.wake()
  }

  /** @throws BadCommand if there is none */
  needSelected(): Selected {
    if (this.selected === undefined) throw new BadCommand('no mailbox is selected')
    return this.selected
  }

  /** @throws BadCommand if there is none; RefusedCommand if it was examined only */
  needWritable(): Selected {
    const selected = this.needSelected()
    if (!selected.view.readWrite) throw new RefusedCommand('the mailbox is read-only')
    return selected
  }

  /** Leave the selected mailbox, if there is one. @param isTold - whether the client hears it */
  unselect(isTold = true): void {
    if (this.selected === undefined) return
    const { mailbox, view } = this.selected
    view.close()
    this.account.close(mailbox)
    this.selected = undefined
    this.saved = NumberSet.empty
    this.contexts.clear()
    this.reader.forget()
    if (isTold) this.connection.put('* OK [CLOSED] the mailbox from before is closed\r\n')
  }

  /** Do something with a mailbox. @throws Refusal NONEXISTENT */
  async withMailbox<T>(name: string, work: (mailbox: Mailbox) => Promise<T>): Promise<T> {
    const mailbox = this.account.open(name)
    try {
      return await work(mailbox)
    } finally {
      this.account.close(mailbox)
    }
  }

  tellModseq(): void {
    if (this.selected !== undefined) this.connection.put(`* OK [HIGHESTMODSEQ ${this.selected.mailbox.highestModseq}] the last change\r\n`)
  }

  /** Messages are gone, and the client knows it. */
  forget(uids: readonly number[]): void {
    if (uids.length > 0 && !this.saved.isEmpty) this.saved = this.saved.without(NumberSet.of(uids))
  }

  /** The command has gone on for so long that it is time to breathe. */
  get isTired(): boolean {
    return this.#turn.isTired
  }

  /** As of Turn. */
  breathe(done = 0, total = 0): Promise<void> {
    return this.#turn.breathe(done, total)
  }

  /** Look at the selected mailbox, and tell what is new. */
  async tellNews(mayExpunge: boolean, uid: boolean): Promise<void> {
    const { selected } = this
    if (selected === undefined) return
    await selected.mailbox.sync(mayExpunge) // what reads messages renames none
    if (selected.mailbox.replaced) return this.leave('* BYE [UNAVAILABLE] the mailbox is another one now\r\n')
    await this.contexts.tellChanged(mayExpunge)
    const last = selected.view.uids.at(-1) ?? 0
    const events = this.notify && (this.notify.selected?.events ?? new Set<string>())
    tellNews(this, { mayExpunge, uid, known: this.known, events })
    await this.notify?.tellArrived(selected, last)
    await this.contexts.tellArrived()
  }

  /** What the client has asked to be told is told meanwhile (RFC 5465). Who has asked for nothing may come to rest. */
  async #nextEvent(): Promise<ReaderEvent | undefined> {
    for (;;) {
      const event = await this.connection.nextEvent()
      if (event !== undefined || this.connection.isOver || this.#isEnding || (await rest(this))) return event
      const selected = this.notify?.selected
      if (selected !== undefined) await this.tellNews(selected.filter === 'SELECTED', false).catch(() => undefined)
      await this.notify?.tell().catch(() => undefined) // what cannot be seen now is seen next time
      await this.connection.room()
    }
  }

  async #answer(event: ReaderEvent): Promise<void> {
    switch (event.kind) {
      case 'continue':
        this.connection.put('+ OK\r\n')
        return
      case 'command':
        return this.#carryOut(event)
      case 'message':
        return this.#announce(event)
      case 'tooBig':
        this.connection.put(`${event.tag} NO [LIMIT] that literal is too long\r\n`)
        return
      case 'bad':
        this.#incoming = undefined
        return this.#isBad(event.tag, event.why)
      case 'bye':
        return this.leave(`* BYE [LIMIT] ${event.why}\r\n`)
      case 'data':
        this.#incoming?.take(event.bytes, event.last)
        return
    }
  }

  #announce(event: MessageEvent): void {
    try {
      this.#checkNumbers(event.name)
      this.#incoming ??= this.#commands.incoming(this, event)
      this.#incoming.announce(event)
      this.connection.reader.stream()
      if (event.waits) this.connection.put('+ OK\r\n')
    } catch (error) {
      this.#incoming = undefined
      this.connection.reader.refuse()
      this.#failed(event, error)
    }
  }

  async #carryOut(command: Command): Promise<void> {
    const { tag, name } = command
    const incoming = this.#incoming
    this.#incoming = undefined
    const handler = incoming === undefined ? this.#commands.handlers[name] : (_: Session, whole: Command) => incoming.finish(whole)
    if (handler === undefined) return this.#isBad(tag, `${name} is unknown`)
    this.known = undefined
    this.#turn.begin(tag)
    try {
      this.#checkNumbers(name)
      const text = await handler(this, command)
      if (this.resting.parked !== undefined) return
      this.#bad = 0
      await this.#tellNewsAfter(name)
      this.connection.put(`${tag} OK ${text}\r\n`)
      if (name === 'COMPRESS') this.connection.compress()
    } catch (error) {
      if (!(error instanceof BadCommand)) await this.#tellNewsAfter(name).catch(() => undefined)
      this.#failed(command, error)
    }
  }

  #checkNumbers(name: string): void {
    if (needsNumbers.has(name) && this.has('UIDONLY')) throw new BadCommand(uidRequired)
  }

  async #tellNewsAfter(name: string): Promise<void> {
    this.notify?.follow()
    if (['SELECT', 'EXAMINE'].includes(name)) return
    await this.tellNews(!keepsNumbers.has(name), name.startsWith('UID '))
    if (['NOOP', 'CHECK', 'IDLE'].includes(name)) await this.notify?.tell()
  }

  #failed({ tag, name }: Command, error: unknown): void {
    if (error instanceof BadCommand) this.#isBad(tag, error.message)
    else if (error instanceof RefusedCommand || error instanceof Refusal) {
      this.connection.put(`${tag} NO ${error.code === undefined ? '' : `[${error.code}] `}${error.message}\r\n`)
    } else {
      this.#log(`${name}: ${errorText(error)}`)
      this.connection.put(`${tag} NO [UNAVAILABLE] this cannot be done now\r\n`)
    }
  }

  #isBad(tag: string | undefined, why: string): void {
    this.#bad += 1
    this.connection.put(`${tag ?? '*'} BAD ${why}\r\n`)
    if (this.#bad === imapSessionBadCommands) this.leave('* BYE too many commands that are none\r\n')
  }
}
