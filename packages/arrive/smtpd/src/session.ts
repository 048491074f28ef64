/**
 * The SMTP dialogue with one client (spec §5.1, RFC 5321), whatever carries it.
 *
 * Replies are sent together when there is nothing more to read, so PIPELINING costs one write. While the session waits
 * for queue, the DNS, a program or the client it takes no input. A message is acknowledged only after queue has said
 * that it is safe. A client that goes away before the final dot has sent nothing.
 */
import { clientWordBytes, smtpRepliesBytes, smtpRestSeconds } from '@yabumi/limits'
import { CommandLines, tooLong } from '@yabumi/smtp'
import { authenticationFor } from './authentication.ts'
import { Dialogue } from './dialogue.ts'
import { EarlyInput } from './early.ts'
import { Replies } from './gathered.ts'
import { Patience } from './patience.ts'
import { type Reaction, reply } from './replies.ts'
import type { SessionLog } from './sessionlog.ts'
import type { Settings } from './settings.ts'
import { commands, isReading, over, type ReadingMessage, type State, unfinished, type Waiting } from './state.ts'
import type { Client, SessionTls, Shared, Wire } from './wire.ts'

export class Session {
  readonly #client: Client
  readonly #settings: Settings
  readonly #wire: Wire
  readonly #dialogue: Dialogue
  readonly #lines = new CommandLines()
  readonly #replies: Replies
  readonly #patience: Patience
  readonly #tls: SessionTls
  readonly #log: SessionLog | undefined
  readonly #early = new EarlyInput()
  #state: State = commands
  /** smtpd ends: the session ends where its client has no message under way. */
  #leaving = false
  /** The client's last command. */
  #command: string | undefined
  /** When it brought its last message, or came. */
  #broughtAt: number = performance.now()

  constructor(client: Client, settings: Settings, wire: Wire, shared: Shared, tls: SessionTls, log?: SessionLog) {
    this.#client = client
    this.#tls = tls
    this.#log = log
    this.#settings = settings
    const { remoteAddress: address } = client
    const authentication = authenticationFor(shared.logins, settings.login, address, tls)
    const ask = (recipient: string): ReturnType<typeof shared.users.ask> => shared.users.ask(recipient, address)
    this.#dialogue = new Dialogue(settings, shared.memory.roomOf(address), ask, tls, authentication, shared.limits)
    this.#wire = wire
    this.#replies = new Replies(wire, () => settings.enhancedStatus && this.#dialogue.isExtended)
    this.#patience = new Patience(settings.silenceSeconds)
  }

  /** Nothing is read any more; what is left to send is on its way. */
  get isOver(): boolean {
    return this.#state === over
  }

  /** @param tlsFirst - the client expects TLS before a word is said */
  greet(tlsFirst = false): void {
    const preparation = tlsFirst ? undefined : this.#dialogue.prepare()
    if (tlsFirst) this.#beginTls(() => this.greet())
    else if (preparation === undefined) this.#open()
    else this.#wait({ name: 'greeting', next: commands }, preparation, (lastWord) => this.#open(lastWord))
  }

  /** @param lastWord - to a client that is not heard */
  #open(lastWord?: string): void {
    const { greeting, greetDelaySeconds } = this.#settings
    const greet = (): void => this.#replies.say(`220 ${greeting} ESMTP\r\n`)
    if (lastWord !== undefined) this.#answer({ reply: lastWord, next: 'abort' })
    else if (greetDelaySeconds > 0) this.#delay('greeting', greetDelaySeconds, greet)
    else {
      greet()
      this.#settle()
    }
  }

  /** Bytes from the client, which belong to the session from now on. */
  receive(chunk: Buffer): void {
    if (this.isOver) return
    if (this.#command === undefined) this.#log?.began(chunk)
    if (isReading(this.#state)) {
      this.#take(chunk)
      this.#settle()
    } else if (this.#state.name === 'greeting') {
      this.#log?.refused(reply.earlyTalker, chunk.toString('latin1', 0, clientWordBytes))
      this.#replies.say(reply.earlyTalker)
      this.#close(1, 'spoke before its greeting')
    } else {
      this.#early.add(chunk)
      this.#wire.pause()
    }
  }

  /** The client will send no more. */
  inputEnded(): void {
    this.#early.end()
    if (isReading(this.#state) || this.#state.name === 'greeting') this.#close(1, 'the client left')
  }

  /** Nothing has passed in either direction for as long as the settings allow. */
  silent(): void {
    if (isReading(this.#state)) this.#timeOut('dropped for silence')
    else if (this.#state.name === 'unread' || this.#state.name === 'handshake') this.#close(1, 'dropped for silence')
  }

  /** End the session if the client takes too long for what it is doing; ask now and then. */
  endIfOverdue(): void {
    if (!isReading(this.#state)) return // not the client's fault, or the silence will do
    const exceeded = this.#patience.exceeded
    if (exceeded !== undefined) this.#timeOut(`dropped for ${exceeded}`)
  }

  #timeOut(why: string): void {
    this.#replies.say(reply.timeout)
    this.#close(1, why)
  }

  /** End the session for others who need its place, if it has brought no message for a while and none is under way. @returns whether it has */
  giveWay(now: number = performance.now()): boolean {
    if (this.#state !== commands || now - this.#broughtAt < smtpRestSeconds * 1000) return false
    this.#replies.say(reply.tooManyConnections)
    this.#close(1, 'gave way to another client')
    return true
  }

  /** The connection is gone. */
  lost(): void {
    if (this.isOver) return
    this.#log?.ended('the connection broke', this.#dialogue.helo)
    this.#end()
  }

  /** End the session, but not in the middle of a message. */
  leave(): void {
    this.#leaving = true
    if ('timer' in this.#state) {
      clearTimeout(this.#state.timer)
      this.#state = this.#state.next // what was to be done after the wait is not done any more
    }
    if (this.#state.name === 'handshake') this.#close(1, 'shutting down')
    else if (isReading(this.#state)) this.#settle()
  }

  #take(chunk: Buffer): void {
    if (this.#state.name === 'message') this.#readMessage(this.#state, chunk)
    else {
      this.#lines.push(chunk)
      this.#readCommands()
    }
  }

  /** Everything at hand has been read: let the client have its replies, and end what is to end. */
  #settle(): void {
    if (this.isOver) return
    if (this.#leaving && this.#state === commands) {
      this.#replies.say(reply.leaving)
      this.#close(1, 'shutting down')
    } else if (!this.#replies.flush() && isReading(this.#state)) {
      this.#wait({ name: 'unread', next: this.#state }, this.#wire.drained(), () => {})
    }
  }

  /** Wait for a promise, which never rejects, and go on with `then`, unless the session has gone on without it. */
  #wait<T>(state: Waiting, promise: Promise<T>, then: (value: T) => void): void {
    this.#state = state
    void promise.then((value) => {
      if (this.#state !== state) return
      this.#state = state.next
      then(value)
      this.#continue()
    })
  }

  /** Let the client wait, then go on with `then`. */
  #delay(name: 'greeting' | 'tarpit', seconds: number, then: () => void): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wait({ name, next: commands, timer: setTimeout(resolve, 1000 * seconds) }, promise, then)
  }

  #continue(): void {
    this.#readCommands()
    while (isReading(this.#state)) {
      const chunk = this.#early.take()
      if (chunk === undefined) break
      this.#take(chunk)
    }
    this.#settle()
    if (!isReading(this.#state)) return
    if (this.#early.hasEnded) this.#close(1, 'the client left')
    else this.#wire.resume()
  }

  #readCommands(): void {
    while (this.#state === commands) {
      const line = this.#lines.next()
      if (line === undefined) return
      this.#command = line === tooLong ? '' : line
      if (line === tooLong) this.#answer(this.#dialogue.passOver())
      else this.#react(this.#dialogue.obey(line))
      if (this.#replies.length > smtpRepliesBytes) this.#settle()
    }
  }

  #react(reaction: Reaction | Promise<Reaction>): void {
    if (reaction instanceof Promise) this.#wait({ name: 'asking', next: commands }, reaction, (settled) => this.#react(settled))
    else if (reaction.next === 'tls') this.#startTls(reaction.reply)
    else if (reaction.delaySeconds) this.#delay('tarpit', reaction.delaySeconds, () => this.#answer(reaction))
    else this.#answer(reaction)
  }

  #answer({ reply: answer, next, told, word = this.#command ?? '' }: Reaction): void {
    this.#patience.lineTaken()
    if (answer[0] === '5' || answer[0] === '4') this.#log?.refused(told ?? answer, word)
    else if (told !== undefined) this.#log?.loggedIn(told, word)
    this.#replies.say(answer, this.#command)
    if (next === 'message') this.#data()
    else if (next !== undefined) this.#close(next === 'quit' ? 0 : 1, next)
  }

  /** What came with the command was said in clear, by whoever could put it there: it never counts, and such a connection ends (RFC 3207 §4.2). */
  #startTls(answer: string): void {
    const behind = this.#lines.takeRest().length + (this.#early.take()?.length ?? 0)
    if (behind > 0) {
      this.#log?.note(`plaintext behind STARTTLS, ${behind} bytes dropped`)
      this.#close(1, 'plaintext behind STARTTLS')
      return
    }
    this.#replies.say(answer)
    this.#replies.flush()
    this.#dialogue.forget()
    this.#beginTls(() => {})
  }

  #beginTls(then: () => void): void {
    this.#wait({ name: 'handshake', next: commands }, this.#wire.startTls(), (outcome) => {
      if (typeof outcome === 'string') {
        this.#log?.note(`the TLS handshake failed: ${outcome}`)
        this.#close(1, 'no TLS')
        return
      }
      this.#tls.facts = outcome
      this.#patience.lineTaken()
      this.#log?.secured(outcome)
      then()
    })
  }

  /** The message waits for its client's name, which is in its first line. */
  #data(): void {
    const { remoteHost } = this.#client
    if (typeof remoteHost === 'string') this.#beginMessage(remoteHost)
    else this.#wait({ name: 'asking', next: commands }, remoteHost, (name) => this.#beginMessage(name))
  }

  #beginMessage(remoteHost: string): void {
    const message = this.#dialogue.beginMessage({ ...this.#client, remoteHost })
    if (message === undefined) return
    this.#replies.say(reply.goAhead)
    this.#patience.messageBegun()
    this.#state = { name: 'message', message }
    const rest = this.#lines.takeRest()
    if (rest.length > 0) this.#readMessage(this.#state, rest)
  }

  #readMessage(state: ReadingMessage, chunk: Buffer): void {
    const { message } = state
    const room = message.take(chunk)
    if (message.state === 'ended') {
      this.#wait({ name: 'judging', next: commands }, message.finish(this.#log), (verdict) => {
        this.#patience.messageEnded()
        this.#broughtAt = performance.now()
        this.#replies.say(verdict)
        this.#lines.push(message.rest)
      })
    } else if (message.state === 'bare-lf') {
      this.#log?.judged({ reply: reply.bareLF, qp: undefined }, message)
      this.#replies.say(reply.bareLF)
      this.#close(1, 'a bare LF')
    } else if (!room) this.#wait({ name: 'full', next: state }, message.drained(), () => {})
  }

  /** @param why - for the log */
  #close(exitCode: 0 | 1, why: string): void {
    this.#replies.flush()
    this.#log?.ended(why, this.#dialogue.helo)
    this.#end()
    this.#wire.close(exitCode)
  }

  #end(): void {
    const ended = this.#state
    this.#state = over
    if ('timer' in ended) clearTimeout(ended.timer)
    this.#dialogue.end()
    void unfinished(ended)?.abandon()
    this.#early.take()
  }
}
