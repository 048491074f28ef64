/**
 * What each command of a client does and what is replied (spec §5.1): a transaction begins, grows, ends.
 */
import { senderFault } from '@yabumi/admission'
import { noFacts } from '@yabumi/facts'
import type { Hop } from '@yabumi/received'
import { parseCommand } from '@yabumi/smtp'
import type { TlsFacts } from '@yabumi/tlsfiles'
import { type Authentication, missingLogin } from './authentication.ts'
import { reactBlocked } from './blocked.ts'
import { reactToChunk } from './chunkterms.ts'
import type { EnvelopeRoom } from './envelopememory.ts'
import { faultySender } from './faultysender.ts'
import { filterTerms } from './filtered.ts'
import { ehloReply, reactToStartTls, type Standing, takesChunks } from './keywords.ts'
import { readPath } from './mailpath.ts'
import { Message } from './message.ts'
import { nameAddress } from './namedaddress.ts'
import { type MailTerms, recipientParameters } from './parameters.ts'
import { Recipients } from './recipients.ts'
import { delayed, plainReply, type Reaction, reply } from './replies.ts'
import { roomRefusal } from './room.ts'
import type { Screen } from './screen.ts'
import { senderRefusal } from './senderdomain.ts'
import { foreignSender, receivedBy, settingsOf, submissionTerms } from './sending.ts'
import { allMailParameters } from './sendingtimes.ts'
import type { Settings } from './settings.ts'
import { settingsOfTlsClient, tlsClientOf } from './tlsclient.ts'
import { detached, type SenderChecks, Transaction } from './transaction.ts'
import type { UserLimits } from './userlimits.ts'
import type { AskForUser } from './userquestions.ts'
import type { SessionTls } from './wire.ts'

export class Dialogue {
  /** Those that it began with, without a login. */
  #anonymous: Settings
  #settings: Settings
  readonly #room: EnvelopeRoom
  readonly #recipients: Recipients
  readonly #tls: SessionTls
  readonly #screen: Screen
  readonly #authentication: Authentication | undefined
  readonly #limits: UserLimits | undefined
  #helo: string | undefined
  #extended = false
  /** Of the client's last command. */
  #verb = ''
  #transaction: Transaction | undefined
  /** Of which chunks have come, and not the last one; or that has come. */
  #chunked: Message | 'complete' | undefined

  /** @param room - for the recipients of its transactions. @param ask - asks recipientd, on behalf of the client */
  constructor(
    settings: Settings,
    room: EnvelopeRoom,
    ask: AskForUser,
    { tls, screen }: { readonly tls: SessionTls; readonly screen: Screen },
    logins?: Authentication,
    limits?: UserLimits,
  ) {
    this.#screen = screen
    this.#limits = limits
    this.#anonymous = settings
    this.#settings = settings
    this.#authentication = logins
    this.#room = room
    this.#recipients = new Recipients(screen, ask)
    this.#tls = tls
  }

  /** TLS has begun: what was said before it may have been somebody else's (RFC 3207 §4.2). */
  forget(): void {
    this.endTransaction()
    this.#extended = false
    this.#helo = undefined
    this.#authentication?.forget()
    this.#settings = this.#anonymous
  }

  /** TLS is there: the client's certificate may let it do more. @returns whether it does */
  secured({ client: certificate }: TlsFacts): boolean {
    const client = certificate && tlsClientOf(certificate, this.#anonymous.tlsClients)
    this.#anonymous = settingsOfTlsClient(client, this.#anonymous)
    this.#settings = this.#anonymous
    this.#authentication?.certify(client?.login)
    return client !== undefined
  }

  /** Ask what is to be known before the greeting. @returns undefined where nothing is; else the last word to a client that is not heard, if any */
  prepare(): Promise<string | undefined> | undefined {
    return this.#authentication?.prepare()
  }

  /** The session is over. */
  end(): void {
    this.endTransaction()
    this.#authentication?.end()
  }

  /** What is replied in place of one, where it is one error too many. */
  conclude(reaction: Reaction): Reaction {
    return this.#screen.lastWord(reaction, this.#verb === 'rcpt', this.#settings) ?? reaction
  }

  /** The name that the client gave itself. */
  get helo(): string | undefined {
    return this.#helo
  }

  /** The client has said EHLO, and no HELO since then. */
  get isExtended(): boolean {
    return this.#extended
  }

  get #standing(): Standing {
    return { settings: this.#settings, extended: this.#extended, tls: this.#tls, logins: this.#authentication?.offered ?? [] }
  }

  /** The message that completes the transaction; the next one needs MAIL again. @param hop - without what the client has said */
  beginMessage(hop: Hop, framing: 'dot' | 'counted' = 'dot'): Message | undefined {
    const transaction = this.#transaction
    if (transaction === undefined) return undefined
    this.#transaction = undefined
    const user = this.#authentication?.user
    const helo = this.#helo
    const tls = this.#tls.facts
    const filters = filterTerms(this.#settings, { ...hop, helo: helo ?? '', tls, login: user?.login })
    const received = receivedBy({ ...hop, helo, tls }, user, this.#settings.hidesOrigin)
    const message = new Message(transaction, received, this.#settings, submissionTerms(user, this.#settings), framing, filters)
    if (framing === 'counted') this.#chunked = message
    return message
  }

  /** The message whose chunks are coming. */
  get chunked(): Message | undefined {
    return this.#chunked === 'complete' ? undefined : this.#chunked
  }

  /** Its last chunk has come: from now on it is queue's. */
  endChunks(): void {
    this.#chunked = 'complete'
  }

  endTransaction(): void {
    this.#transaction?.release()
    this.#transaction = undefined
    void this.chunked?.abandon()
    this.#chunked = undefined
  }

  /** @returns a promise, which never rejects, where somebody else has to be asked: the DNS, a program */
  obey(line: string): Reaction | Promise<Reaction> {
    if (this.#authentication?.isUnderWay) return this.#judged(this.#authentication.respond(line))
    const { verb, argument } = parseCommand(line)
    this.#verb = verb
    const { blocked, greeting } = this.#settings
    if (blocked !== undefined) return reactBlocked(verb, { blocked, greeting })
    switch (verb) {
      case 'mail':
        return this.#mail(argument)
      case 'rcpt':
        return this.#recipient(argument)
      case 'data':
        return this.chunked === undefined ? this.#data() : { reply: reply.dataAfterChunk }
      case 'bdat':
        return takesChunks(this.#standing) ? reactToChunk(argument, this.#chunkRefusal()) : { reply: reply.unimplemented }
      case 'starttls':
        return reactToStartTls(argument, this.#standing)
      case 'auth':
        return this.#logIn(argument)
      case 'quit':
        return { reply: `221 ${this.#settings.greeting}\r\n`, next: 'quit' }
      default:
        return { reply: this.#answer(verb, argument) }
    }
  }

  /** Commands that change nothing but the transaction. */
  #answer(verb: string, argument: string): string {
    switch (verb) {
      case 'helo':
        this.#hello(argument, false)
        return `250 ${this.#settings.greeting}\r\n`
      case 'ehlo':
        this.#hello(argument, true)
        return ehloReply(this.#standing)
      case 'rset':
        this.endTransaction()
        return reply.flushed
      default:
        return plainReply(verb)
    }
  }

  /** A line that is longer than any. As a response it ends the exchange (RFC 4954 §4), and the next line is a command. */
  passOver(): Reaction {
    return this.#authentication?.passOver() ?? { reply: reply.lineTooLong }
  }

  #logIn(argument: string): Reaction | Promise<Reaction> {
    const authentication = this.#authentication
    if (authentication === undefined) return { reply: reply.unimplemented, word: 'AUTH' }
    if (!this.#extended) return { reply: reply.ehloFirst, word: 'AUTH' }
    if (this.#transaction !== undefined) return { reply: reply.authInTransaction, word: 'AUTH' }
    return this.#judged(authentication.begin(argument))
  }

  /** A login that was right changes what holds for the client. */
  #judged(reaction: Reaction | Promise<Reaction>): Reaction | Promise<Reaction> {
    return reaction instanceof Promise ? reaction.then((settled) => this.#settled(settled)) : this.#settled(reaction)
  }

  /** The log never has the line: it may hold a password. */
  #settled(reaction: Reaction): Reaction {
    const user = this.#authentication?.user
    if (user !== undefined && this.#settings === this.#anonymous) this.#settings = settingsOf(user, this.#anonymous)
    return { word: 'AUTH', ...reaction }
  }

  #hello(name: string, extended: boolean): void {
    this.endTransaction()
    this.#extended = extended
    this.#helo = detached(name)
  }

  #mail(argument: string): Reaction | Promise<Reaction> {
    if (this.#settings.demandsTls && this.#tls.facts === undefined) return { reply: reply.tlsFirst }
    const unknown = missingLogin(this.#settings.login, this.#authentication)
    if (unknown !== undefined) return { reply: unknown }
    const path = readPath(argument, this.#settings)
    if (path === undefined) return { reply: reply.syntax }
    this.endTransaction()
    const excess = this.#screen.refusesMessage(this.#settings)
    if (excess !== undefined) return excess
    const terms: MailTerms = { sizeBytes: 0, facts: this.#settings.facts }
    const { address: sender, refusal } = nameAddress(path, allMailParameters, terms, this.#standing)
    if (refusal !== undefined) return { reply: refusal }
    const fault = senderFault(sender)
    if (fault !== undefined) return faultySender[fault]
    const user = this.#settings.isSubmission && sender !== '' ? this.#authentication?.user : undefined
    if (user === undefined) return this.#judgeSender(sender, terms)
    return foreignSender(user.login, sender).then((refusal) => refusal ?? this.#judgeSender(sender, terms))
  }

  #judgeSender(sender: string, terms: MailTerms): Reaction | Promise<Reaction> {
    try {
      const bad = this.#settings.badSenders?.has(sender) ?? false
      if (bad || !this.#settings.checksSenders) return this.#begin(sender, bad, terms)
    } catch {
      return { reply: reply.controls, next: 'abort' }
    }
    return senderRefusal(sender).then((refusal) => (refusal === undefined ? this.#begin(sender, false, terms) : { reply: refusal }))
  }

  #begin(sender: string, bad: boolean, { facts, sizeBytes }: MailTerms): Reaction | Promise<Reaction> {
    const begin = (checks?: Reaction | SenderChecks): Reaction => {
      if (checks !== undefined && 'reply' in checks) return checks
      this.#transaction = new Transaction({ sender, facts }, bad, this.#room, checks)
      return { reply: reply.ok }
    }
    const begun = (refusal: string | undefined): Reaction | Promise<Reaction> =>
      refusal === undefined ? (this.#screen.checks(sender, this.#helo, this.#settings)?.then(begin) ?? begin()) : { reply: refusal }
    return roomRefusal(sizeBytes, this.#settings)?.then(begun) ?? begun(undefined)
  }

  #recipient(argument: string): Reaction | Promise<Reaction> {
    const transaction = this.#transaction
    if (transaction === undefined) return { reply: reply.mailFirst }
    const path = readPath(argument, this.#settings)
    if (path === undefined) return { reply: reply.syntax }
    const terms = { facts: noFacts.message }
    const { address, refusal } = nameAddress(path, recipientParameters, terms, this.#standing, transaction.saysUtf8)
    if (refusal !== undefined) return { reply: refusal }
    const named = { address, facts: terms.facts }
    transaction.named += 1
    const { tarpitCount, tarpitSeconds } = this.#settings
    const reaction = this.#recipients.judge(named, transaction, { helo: this.#helo, settings: this.#settings })
    return tarpitCount === 0 || transaction.named < tarpitCount ? reaction : delayed(reaction, tarpitSeconds)
  }

  #chunkRefusal(): string | undefined {
    if (this.chunked !== undefined) return undefined
    if (this.#chunked === 'complete') return reply.chunkAfterLast
    const { next, reply: refusal } = this.#data()
    return next === 'message' ? undefined : refusal
  }

  #data(): Reaction {
    if (this.#transaction === undefined) return { reply: reply.mailFirst }
    const { recipients } = this.#transaction
    if (recipients.length === 0) return { reply: reply.recipientFirst }
    const user = this.#authentication?.user
    const isWithin = user === undefined || this.#limits === undefined || this.#limits.admits(user.login, recipients, Date.now())
    return isWithin ? { reply: '', next: 'message' } : { reply: reply.tooManyMessages }
  }
}
