/**
 * The SMTP dialogue with one client (spec §5.1, RFC 5321), whatever carries it.
 *
 * Replies are sent together when there is nothing more to read, so PIPELINING costs one write. While the session waits
 * for queue, the DNS, a program or the client it takes no input. A message is acknowledged only after queue has said
 * that it is safe. A client that goes away before the final dot has sent nothing.
 */
import { clientWordBytes, smtpRepliesBytes, smtpRestSeconds, tlsHandshakeRestSeconds } from '@yabumi/limits'
import { parseCommand, tooLong } from '@yabumi/smtp'
import { Course } from './course.ts'
import type { Dialogue } from './dialogue.ts'
import { dialogueOf } from './dialogueof.ts'
import { Replies } from './gathered.ts'
import { ClientInput } from './input.ts'
import { otherProtocol } from './otherprotocols.ts'
import { Patience } from './patience.ts'
import { type Reaction, reply } from './replies.ts'
import type { SessionLog } from './sessionlog.ts'
import type { Settings } from './settings.ts'
import { commands, isReading, over, unfinished } from './state.ts'
import { Transfer } from './transfer.ts'
import type { Client, SessionTls, Shared, Wire } from './wire.ts'

export class Session {
  readonly #settings: Settings
  readonly #wire: Wire
  readonly #dialogue: Dialogue
  readonly #input = new ClientInput()
  readonly #replies: Replies
  readonly #patience: Patience
  readonly #tls: SessionTls
  readonly #log: SessionLog | undefined
  readonly #course = new Course(() => this.#continue())
  /** smtpd ends: the session ends where its client has no message under way. */
  #leaving = false
  /** The client's last command. */
  #command: string | undefined
  readonly #transfer: Transfer
  #shakingSince = 0

  constructor(client: Client, settings: Settings, wire: Wire, shared: Shared, tls: SessionTls, log?: SessionLog) {
    this.#tls = tls
    this.#log = log
    this.#settings = settings
    this.#dialogue = dialogueOf(client, settings, shared, tls)
    this.#wire = wire
    this.#replies = new Replies(wire, () => settings.enhancedStatus && this.#dialogue.isExtended)
    this.#patience = new Patience(settings.silenceSeconds)
    this.#transfer = new Transfer({
      client,
      log,
      dialogue: this.#dialogue,
      course: this.#course,
      input: this.#input,
      replies: this.#replies,
      patience: this.#patience,
      isHasty: () => this.#endsForHaste('DATA'),
      command: () => this.#command ?? '',
      close: (why) => this.#close(1, why),
    })
  }

  /** Nothing is read any more; what is left to send is on its way. */
  get isOver(): boolean {
    return this.#course.state === over
  }

  /** @param tlsFirst - the client expects TLS before a word is said */
  greet(tlsFirst = false): void {
    const preparation = tlsFirst ? undefined : this.#dialogue.prepare()
    if (tlsFirst) this.#beginTls(() => this.greet())
    else if (preparation === undefined) this.#open()
    else this.#course.wait({ name: 'greeting', next: commands }, preparation, (lastWord) => this.#open(lastWord))
  }

  /** @param lastWord - to a client that is not heard */
  #open(lastWord?: string): void {
    const { greeting, greetDelaySeconds, screen } = this.#settings
    const greet = (): void => this.#replies.say(`220 ${greeting} ESMTP\r\n`)
    if (lastWord !== undefined) this.#answer({ reply: lastWord, next: 'abort' })
    else if (greetDelaySeconds > 0) {
      if (screen.greetsTwice) this.#replies.say(`220-${greeting}\r\n`)
      this.#replies.flush()
      this.#course.delay('greeting', greetDelaySeconds, greet)
    } else {
      greet()
      this.#settle()
    }
  }

  /** Bytes from the client, which belong to the session from now on. */
  receive(chunk: Buffer): void {
    if (this.isOver) return
    const foreign = this.#command === undefined ? otherProtocol(chunk) : undefined
    if (foreign !== undefined) this.#turnAway(foreign.answer, foreign.word, foreign.why, foreign.told)
    else if (isReading(this.#course.state)) {
      this.#take(chunk)
      this.#settle()
    } else if (this.#course.state.name === 'greeting') {
      this.#turnAway(reply.earlyTalker, chunk.toString('latin1', 0, clientWordBytes), 'spoke before its greeting')
    } else {
      this.#input.keep(chunk)
      this.#wire.pause()
    }
  }

  /** The client will send no more. */
  inputEnded(): void {
    this.#input.end()
    if (isReading(this.#course.state) || this.#course.state.name === 'greeting') this.#close(1, 'the client left')
  }

  /** Nothing has passed in either direction for as long as the settings allow. */
  silent(): void {
    if (isReading(this.#course.state)) this.#close(1, 'dropped for silence', reply.timeout)
    else if (this.#course.state.name === 'unread' || this.#course.state.name === 'handshake') this.#close(1, 'dropped for silence')
  }

  /** End the session if the client takes too long for what it is doing; ask now and then. */
  endIfOverdue(): void {
    if (!isReading(this.#course.state)) return // not the client's fault, or the silence will do
    const exceeded = this.#patience.exceeded
    if (exceeded !== undefined) this.#close(1, `dropped for ${exceeded}`, reply.timeout)
  }

  /** End the session for others, if it has long brought no message and none is under way, or TLS is long in coming. @returns whether it has */
  giveWay(now: number = performance.now()): boolean {
    const { state } = this.#course
    if (state.name === 'handshake') {
      if (now - this.#shakingSince < tlsHandshakeRestSeconds * 1000) return false
    } else if (state !== commands || this.#dialogue.chunked !== undefined || now - this.#transfer.broughtAt < smtpRestSeconds * 1000)
      return false
    else this.#replies.say(reply.tooManyConnections)
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
    this.#course.cutShort()
    if (this.#course.state.name === 'handshake') this.#close(1, 'shutting down')
    else if (isReading(this.#course.state)) this.#settle()
  }

  #take(chunk: Buffer): void {
    const { state } = this.#course
    if (state.name === 'message') this.#transfer.readMessage(state, chunk)
    else {
      if (state.name === 'chunk') this.#transfer.readChunk(state, chunk)
      else this.#input.push(chunk)
      this.#readCommands()
    }
  }

  /** Everything at hand has been read: let the client have its replies, and end what is to end. */
  #settle(): void {
    if (this.isOver) return
    if (this.#leaving && this.#course.state === commands) {
      this.#replies.say(reply.leaving)
      this.#close(1, 'shutting down')
    } else if (!this.#replies.flush() && isReading(this.#course.state)) {
      this.#course.wait({ name: 'unread', next: this.#course.state }, this.#wire.drained(), () => {})
    }
  }

  #continue(): void {
    this.#readCommands()
    while (isReading(this.#course.state)) {
      const chunk = this.#input.takeKept()
      if (chunk === undefined) break
      this.#take(chunk)
    }
    this.#settle()
    if (!isReading(this.#course.state)) return
    if (this.#input.hasEnded) this.#close(1, 'the client left')
    else this.#wire.resume()
  }

  #readCommands(): void {
    while (this.#course.state === commands) {
      const line = this.#input.nextLine()
      if (line === undefined) return
      this.#command = line === tooLong ? '' : line
      if (this.#endsForHaste(this.#command)) return
      if (line === tooLong) this.#answer(this.#dialogue.passOver())
      else this.#react(this.#dialogue.obey(line))
      if (this.#replies.length > smtpRepliesBytes) this.#settle()
    }
  }

  /** Whoever speaks before the answer to DATA may be smuggling (RFC 2920 §3.1). Behind EHLO it is only noted. @returns whether the session ends */
  #endsForHaste(command: string): boolean {
    const { verb } = parseCommand(command)
    if (!this.#settings.forbidsPipelining || this.#input.unread === 0 || (verb !== 'data' && verb !== 'ehlo')) return false
    if (verb === 'data') this.#turnAway(reply.hasty, command, 'spoke before the answer to DATA')
    else this.#log?.note('spoke before the answer to EHLO')
    return verb === 'data'
  }

  #react(reaction: Reaction | Promise<Reaction>): void {
    if (reaction instanceof Promise) this.#course.wait({ name: 'asking', next: commands }, reaction, (settled) => this.#react(settled))
    else if (reaction.next === 'tls') this.#startTls(reaction.reply)
    else if (reaction.delaySeconds) this.#course.delay('tarpit', reaction.delaySeconds, () => this.#answer(reaction))
    else this.#answer(reaction)
  }

  #answer(reaction: Reaction): void {
    this.#patience.lineTaken()
    const { reply: answer, next, chunk, told, word = this.#command ?? '' } = this.#dialogue.conclude(reaction)
    if (chunk !== undefined) {
      this.#transfer.beginChunk(chunk)
      return
    }
    this.#log?.answered(answer, told, word)
    this.#replies.say(answer, this.#command)
    if (next === 'message') this.#transfer.beginMessage()
    else if (next !== undefined) this.#close(next === 'quit' ? 0 : 1, next)
  }

  /** What came with the command was said in clear, by whoever could put it there: it never counts, and such a connection ends (RFC 3207 §4.2). */
  #startTls(answer: string): void {
    const { unread } = this.#input
    if (unread > 0) {
      this.#log?.note(`plaintext behind STARTTLS, ${unread} bytes dropped`)
      this.#close(1, 'plaintext behind STARTTLS')
      return
    }
    this.#replies.say(answer)
    this.#replies.flush()
    this.#dialogue.forget()
    this.#beginTls(() => {})
  }

  #beginTls(then: () => void): void {
    this.#shakingSince = performance.now()
    this.#course.wait({ name: 'handshake', next: commands }, this.#wire.startTls(), (outcome) => {
      if (typeof outcome === 'string') {
        this.#log?.note(`the TLS handshake failed: ${outcome}`)
        this.#close(1, 'no TLS')
        return
      }
      this.#tls.facts = outcome
      this.#patience.lineTaken()
      this.#log?.secured(outcome)
      if (this.#dialogue.secured(outcome)) this.#log?.note('a client certificate of tlsclients')
      then()
    })
  }

  #turnAway(answer: string, word: string, why: string, told = answer): void {
    this.#log?.refused(told, word)
    this.#close(1, why, answer)
  }

  /** @param why - for the log. @param lastWord - to the client */
  #close(exitCode: 0 | 1, why: string, lastWord = ''): void {
    this.#replies.say(lastWord)
    this.#replies.flush()
    this.#log?.ended(why, this.#dialogue.helo)
    this.#end()
    this.#wire.close(exitCode)
  }

  #end(): void {
    const ended = this.#course.end()
    this.#dialogue.end()
    void unfinished(ended)?.abandon()
    this.#input.takeKept()
  }
}
