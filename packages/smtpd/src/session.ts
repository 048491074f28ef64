/**
 * The SMTP dialogue with one client (spec §5.1, RFC 5321), whatever carries it.
 *
 * Replies are gathered and sent together when there is nothing more to read, so PIPELINING costs one write. While the
 * session waits (for queue, the DNS, a program, a client that does not read) it takes no input: it holds at most the chunk
 * at hand.
 *
 * A message is acknowledged only after queue has said that it is safe. A client that goes away before the final dot has
 * sent nothing.
 */
import { nowSeconds } from '@yabumi/dates'
import { clientWordBytes, smtpRepliesBytes, smtpRestSeconds } from '@yabumi/limits'
import { receivedField } from '@yabumi/received'
import { CommandLines, tooLong } from '@yabumi/smtp'
import { Dialogue, type Reaction } from './dialogue.ts'
import { IncomingMessage } from './incoming.ts'
import { Patience } from './patience.ts'
import { reply } from './replies.ts'
import type { SessionLog } from './sessionlog.ts'
import type { Settings } from './settings.ts'
import type { Client, Common, Wire } from './wire.ts'

/**
 * What the session waits for, where that is not the client's next line: for somebody on our side (queue, the DNS, a
 * program); for a client that does not read; or because the client is to wait, for the greeting or another reply.
 */
type Wait = 'us' | 'reader' | 'greeting' | 'tarpit'

export class Session {
  readonly #client: Client
  readonly #settings: Settings
  readonly #wire: Wire
  readonly #dialogue: Dialogue
  readonly #lines = new CommandLines()
  readonly #patience: Patience
  readonly #log: SessionLog | undefined
  /** The client's last command. */
  #command: string | undefined
  #message: IncomingMessage | undefined
  /** When it brought its last message, or came. */
  #broughtAt: number = performance.now()
  #replies = ''
  #waiting: Wait | undefined
  /** Runs while the client is to wait. */
  #pause: NodeJS.Timeout | undefined
  /** Input that came while the session waited. */
  #early: Buffer | undefined
  #inputEnded = false
  #leaving = false
  #over = false

  constructor(client: Client, settings: Settings, wire: Wire, { memory, users }: Common, log?: SessionLog) {
    this.#client = client
    this.#log = log
    this.#settings = settings
    const { remoteAddress: address } = client
    this.#dialogue = new Dialogue(settings, memory.roomOf(address), (recipient) => users.ask(recipient, address))
    this.#wire = wire
    this.#patience = new Patience(settings.silenceSeconds)
  }

  /** Nothing is read any more; what is left to send is on its way. */
  get isOver(): boolean {
    return this.#over
  }

  greet(): void {
    const { greeting, greetDelaySeconds } = this.#settings
    const greet = (): void => this.#say(`220 ${greeting} ESMTP\r\n`)
    if (greetDelaySeconds > 0) this.#delay('greeting', greetDelaySeconds, greet)
    else {
      greet()
      this.#settle()
    }
  }

  /** Bytes from the client, which belong to the session from now on. */
  receive(chunk: Buffer): void {
    if (this.#over) return
    if (this.#command === undefined) this.#log?.began(chunk)
    if (this.#waiting === 'greeting') {
      this.#log?.refused(reply.earlyTalker, chunk.toString('latin1', 0, clientWordBytes))
      this.#say(reply.earlyTalker)
      this.#close(1, 'spoke before its greeting')
    } else if (this.#waiting !== undefined) {
      this.#early = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk])
      this.#wire.pause()
    } else {
      this.#take(chunk)
      this.#settle()
    }
  }

  /** The client will send no more. */
  inputEnded(): void {
    this.#inputEnded = true
    if ((this.#waiting === undefined || this.#waiting === 'greeting') && !this.#over) this.#close(1, 'the client left')
  }

  /** Nothing has passed in either direction for as long as the settings allow. */
  silent(): void {
    if (this.#over || (this.#waiting !== undefined && this.#waiting !== 'reader')) return // not the client's fault
    this.#timeOut('dropped for silence')
  }

  #timeOut(why: string): void {
    if (this.#waiting === undefined) this.#say(reply.timeout)
    this.#close(1, why)
  }

  /** End the session if the client takes too long for what it is doing; ask now and then. */
  endIfOverdue(): void {
    if (this.#over || this.#waiting !== undefined) return // not the client's fault, or the silence will do
    const exceeded = this.#patience.exceeded
    if (exceeded !== undefined) this.#timeOut(`dropped for ${exceeded}`)
  }

  /**
   * End the session for others who need its place, if it has brought no message for a while and none is under way.
   *
   * @returns whether it has
   */
  giveWay(now: number = performance.now()): boolean {
    const isBusy = this.#waiting !== undefined || this.#message !== undefined || now - this.#broughtAt < smtpRestSeconds * 1000
    if (this.#over || isBusy) return false
    this.#say(reply.tooManyConnections)
    this.#close(1, 'gave way to another client')
    return true
  }

  /** The connection is gone. */
  lost(): void {
    if (!this.#over) this.#log?.ended('the connection broke', this.#dialogue.helo)
    this.#over = true
    this.#drop()
  }

  /** End the session, but not in the middle of a message. */
  leave(): void {
    this.#leaving = true
    if (this.#pause !== undefined) this.#endPause()
    if (this.#waiting === undefined) this.#settle()
  }

  #take(chunk: Buffer): void {
    if (this.#message === undefined) {
      this.#lines.push(chunk)
      this.#readCommands()
    } else this.#readMessage(this.#message, chunk)
  }

  /** Everything at hand has been read: let the client have its replies, and end what is to end. */
  #settle(): void {
    if (this.#over) return
    if (this.#leaving && this.#message === undefined && this.#waiting === undefined) {
      this.#say(reply.leaving)
      this.#close(1, 'shutting down')
      return
    }
    if (!this.#flush() && this.#waiting === undefined) this.#wait('reader', this.#wire.drained(), () => {})
  }

  /** Go on with `then` when the promise, which never rejects, resolves. */
  #wait<T>(what: Wait, promise: Promise<T>, then: (value: T) => void): void {
    this.#waiting = what
    void promise.then((value) => {
      this.#waiting = undefined
      if (this.#over) return
      then(value)
      this.#continue()
    })
  }

  /** Let the client wait, then go on with `then`. */
  #delay(what: 'greeting' | 'tarpit', seconds: number, then: () => void): void {
    const pause = new Promise<void>((resolve) => {
      this.#pause = setTimeout(resolve, 1000 * seconds)
    })
    this.#wait(what, pause, () => {
      this.#pause = undefined
      then()
    })
  }

  /** What was to be done behind the pause is not done any more. */
  #endPause(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#waiting = undefined
  }

  #continue(): void {
    if (this.#message === undefined) this.#readCommands()
    while (this.#early !== undefined && this.#waiting === undefined && !this.#over) {
      const chunk = this.#early
      this.#early = undefined
      this.#take(chunk)
    }
    this.#settle()
    if (this.#waiting !== undefined || this.#over) return
    if (this.#inputEnded) this.#close(1, 'the client left')
    else this.#wire.resume()
  }

  #readCommands(): void {
    while (this.#waiting === undefined && this.#message === undefined && !this.#over) {
      const line = this.#lines.next()
      if (line === undefined) return
      this.#command = line === tooLong ? '' : line
      if (line === tooLong) this.#answer({ reply: reply.lineTooLong })
      else this.#react(this.#dialogue.obey(line))
      if (this.#replies.length > smtpRepliesBytes) this.#settle()
    }
  }

  #react(reaction: Reaction | Promise<Reaction>): void {
    if (reaction instanceof Promise) this.#wait('us', reaction, (settled) => this.#react(settled))
    else if (reaction.delaySeconds) this.#delay('tarpit', reaction.delaySeconds, () => this.#answer(reaction))
    else this.#answer(reaction)
  }

  #answer({ reply: answer, next }: Reaction): void {
    this.#patience.lineTaken()
    if (answer[0] === '5' || answer[0] === '4') this.#log?.refused(answer, this.#command ?? '')
    this.#say(answer)
    if (next === 'message') this.#data()
    else if (next !== undefined) this.#close(next === 'quit' ? 0 : 1, next)
  }

  /** The message waits for its client's name, which is in its first line. */
  #data(): void {
    const { remoteHost } = this.#client
    if (typeof remoteHost === 'string') this.#beginMessage(remoteHost)
    else this.#wait('us', remoteHost, (name) => this.#beginMessage(name))
  }

  #beginMessage(remoteHost: string): void {
    const transaction = this.#dialogue.takeTransaction()
    if (transaction === undefined) return
    this.#say(reply.goAhead)
    this.#patience.messageBegun()
    const received = receivedField('SMTP', { ...this.#client, remoteHost, helo: this.#dialogue.helo }, nowSeconds())
    this.#message = new IncomingMessage(transaction, received, this.#settings)
    const rest = this.#lines.takeRest()
    if (rest.length > 0) this.#readMessage(this.#message, rest)
  }

  #readMessage(message: IncomingMessage, chunk: Buffer): void {
    const room = message.take(chunk)
    if (message.state === 'ended') {
      this.#wait('us', message.finish(this.#log), (verdict) => {
        this.#message = undefined
        this.#patience.messageEnded()
        this.#broughtAt = performance.now()
        this.#say(verdict)
        this.#lines.push(message.rest)
      })
    } else if (message.state === 'bare-lf') {
      this.#log?.judged({ reply: reply.bareLF, qp: undefined }, message)
      this.#say(reply.bareLF)
      this.#close(1, 'a bare LF')
    } else if (!room) this.#wait('us', message.drained(), () => {})
  }

  #say(text: string): void {
    this.#replies += text
  }

  /** @returns false if the client should read before it gets more */
  #flush(): boolean {
    if (this.#replies === '') return true
    const replies = this.#replies
    this.#replies = ''
    return this.#wire.send(replies)
  }

  /** @param why - for the log */
  #close(exitCode: 0 | 1, why: string): void {
    this.#flush()
    this.#log?.ended(why, this.#dialogue.helo)
    this.#over = true
    this.#drop()
    this.#wire.close(exitCode)
  }

  #drop(): void {
    clearTimeout(this.#pause)
    this.#dialogue.endTransaction()
    // a message whose final dot has come is queue's: its fate must not depend on who hears of it
    if (this.#message?.state !== 'ended') void this.#message?.abandon()
    this.#message = undefined
    this.#early = undefined
  }
}
