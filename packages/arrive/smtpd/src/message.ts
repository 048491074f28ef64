/**
 * One message on its way from the client to queue, streamed: decoded, counted, and taken back if it must be refused.
 *
 * Refusals are said after the final dot. So the client sends all of it in any case; queue gets no more of it then.
 */
import { ForeignResults } from '@yabumi/authres'
import { nowSeconds } from '@yabumi/dates'
import { openSubmission } from '@yabumi/enqueue'
import type { Facts } from '@yabumi/facts'
import { hops as hopsLimit } from '@yabumi/limits'
import { DataDecoder, type DataState } from '@yabumi/smtp'
import { Trouble } from '@yabumi/trouble'
import type { Examination } from './examination.ts'
import { Filtered, type FilterTerms, type Way } from './filtered.ts'
import { reply } from './replies.ts'
import type { Settings } from './settings.ts'
import { Refusal, type SubmissionTerms, SubmittedHeader } from './submitted.ts'
import type { Transaction } from './transaction.ts'

/** What became of a message. */
export interface Verdict {
  readonly reply: string
  /** Its number, if it was taken. */
  readonly qp: string | undefined
  /** What was found out about it, in words of ours: `spf=pass dkim=none ...`. */
  readonly results?: string | undefined
}

/** Hears what becomes of messages. */
export interface MessageLog {
  judged(verdict: Verdict, message: Message): void
  note(event: string): void
}

const nothing: Buffer = Buffer.alloc(0)

export class Message {
  readonly #transaction: Transaction
  /** 0 is no limit. */
  readonly #databytes: number
  readonly #decoder: DataDecoder
  readonly #settings: Settings
  readonly #filters: FilterTerms | undefined
  /** Undefined as long as the message is examined. */
  #submission: Way | undefined
  /** The same, where filters judge it. */
  #filtered: Filtered | undefined
  readonly #examination: Examination | undefined
  /** Takes out what others say in our name, where nothing is examined. */
  readonly #foreign: ForeignResults | undefined
  #log: MessageLog | undefined
  /** Not sent yet, so that a small message goes to queue in one write. */
  #received: Buffer | undefined
  readonly #receivedBytes: number
  /** Of what a person submits, as long as it is not passed on. */
  #header: SubmittedHeader | undefined
  /** The header is being judged, and queue has nothing of the message. */
  #judging: Promise<void> | undefined
  #objection: string | undefined
  #sizeBytes = 0
  #abandonment: Promise<unknown> | undefined

  /**
   * @param received - the Received field, which does not count as size
   * @param submitted - undefined where no person submits it
   * @param filters - that judge it, if any
   * @param framing - what ends it on the wire: the dot, or the last chunk
   */
  constructor(
    transaction: Transaction,
    received: string,
    settings: Settings,
    submitted?: SubmissionTerms,
    framing: 'dot' | 'counted' = 'dot',
    filters?: FilterTerms,
  ) {
    this.#decoder = new DataDecoder(framing)
    this.#transaction = transaction
    this.#settings = settings
    this.#header = submitted && new SubmittedHeader(submitted)
    this.#databytes = settings.databytes
    this.#received = Buffer.from(transaction.checks.top + received, 'latin1')
    this.#receivedBytes = this.#received.length
    this.#filters = filters
    this.#examination = submitted === undefined ? transaction.checks.examine?.() : undefined
    const isChecked = settings.checks.level > 0 && submitted === undefined
    this.#foreign = isChecked && this.#examination === undefined ? new ForeignResults(settings.checks.host) : undefined
    if (this.#examination === undefined) this.#begin(transaction.facts, this.#ownFields)
  }

  /** Received, and Received-SPF. */
  get #ownFields(): number {
    return this.#transaction.checks.top === '' ? 1 : 2
  }

  /** @param ownFields - how many fields of ours stand on top */
  #begin(facts: Facts, ownFields: number): Way {
    const { environment } = this.#settings
    const open = (facts: Facts): Way => openSubmission({ role: 'network', environment, ownHops: 'counted', facts })
    this.#filtered = this.#filters && new Filtered(this.#filters, facts, open, ownFields)
    if (this.#filtered !== undefined) this.#filtered.tell = (line) => this.#log?.note(line)
    this.#submission = this.#filtered ?? open(facts)
    return this.#submission
  }

  get state(): DataState {
    return this.#decoder.state
  }

  /** As it stands in its header; empty without one. */
  get messageId(): string {
    return this.#decoder.messageId ?? ''
  }

  /** With our Received field, so as queue was given it. */
  get sizeBytes(): number {
    return this.#receivedBytes + this.#sizeBytes
  }

  /** What the client sent behind the end of the message. */
  get rest(): Buffer {
    return this.#decoder.rest
  }

  /** Take a chunk, which is overwritten. @returns false if the next one should wait for drained() */
  take(chunk: Buffer): boolean {
    return this.#pass(this.#decoder.decode(chunk))
  }

  /** Its last chunk has come. */
  endChunks(): void {
    this.#pass(this.#decoder.end())
  }

  /** The reply that refuses it already; undefined as long as nothing is wrong. */
  get refusal(): string | undefined {
    if (this.#objection !== undefined) return this.#objection
    if (this.#decoder.hops >= hopsLimit) return reply.looping
    if (this.#databytes > 0 && this.#sizeBytes > this.#databytes) return reply.tooBig
    return undefined
  }

  #pass(bytes: Buffer): boolean {
    this.#sizeBytes += bytes.length
    if (this.refusal !== undefined) void this.abandon()
    if (this.#abandonment !== undefined || bytes.length === 0) return true
    if (this.#examination !== undefined) return this.#examine(this.#examination, bytes)
    if (this.#header !== undefined) return this.#readHeader(this.#header, bytes)
    return this.#write(this.#foreign?.push(bytes) ?? bytes)
  }

  async drained(): Promise<void> {
    await this.#judging
    await this.#submission?.drained()
  }

  #examine(examination: Examination, bytes: Buffer): true {
    try {
      examination.take(bytes)
    } catch (error) {
      this.#object(error)
    }
    return true
  }

  #readHeader(header: SubmittedHeader, bytes: Buffer): boolean {
    try {
      const rest = header.push(bytes)
      if (rest === undefined) return true
      this.#judging = this.#passHeader(header, rest)
      return false
    } catch (error) {
      this.#object(error)
      return true
    }
  }

  /** The header goes on once it is judged, with what has come after it. Never rejects. */
  async #passHeader(header: SubmittedHeader, rest: Buffer): Promise<void> {
    this.#header = undefined
    try {
      const judged = await header.judge(nowSeconds())
      if (this.#abandonment !== undefined) return // its connection to queue may carry another message by now
      this.#write(Buffer.concat([judged, rest]))
    } catch (error) {
      this.#object(error)
    }
  }

  #object(error: unknown): void {
    if (!(error instanceof Refusal || error instanceof Trouble)) throw error
    this.#header = undefined
    this.#objection = error instanceof Refusal ? error.message : reply.cannotKeep
    void this.abandon()
  }

  /**
   * The client has sent the final dot.
   *
   * @param log - hears of it also where the client has gone meanwhile
   * @returns the reply; 250 only once queue has said so. Never rejects
   */
  async finish(log: MessageLog | undefined): Promise<string> {
    this.#log = log
    const verdict = await this.#judge()
    log?.judged(verdict, this)
    return verdict.reply
  }

  async #judge(): Promise<Verdict> {
    if (this.#header !== undefined && this.#abandonment === undefined) this.#judging = this.#passHeader(this.#header, this.#header.end())
    await this.#judging
    const refusal = this.refusal
    if (refusal !== undefined) {
      await this.abandon()
      return { reply: refusal, qp: undefined }
    }
    return this.#examination === undefined ? this.#finish(this.#foreign?.end() ?? nothing) : this.#finishExamined(this.#examination)
  }

  /** @param rest - of the message. @param results - what was found out about it */
  async #finish(rest: Buffer, results?: string): Promise<Verdict> {
    if (this.#received !== undefined || rest.length > 0) this.#write(rest)
    const { sender, recipients } = this.#transaction
    const { verdict, text, qp } = await (this.#submission as Way).finish(sender, recipients)
    this.#transaction.release()
    if (this.#filtered?.reply !== undefined) return { reply: `${this.#filtered.reply}\r\n`, qp: undefined, results }
    if (verdict === 'K') return { reply: `250 ok ${nowSeconds()} qp ${qp}\r\n`, qp, results }
    return { reply: `${verdict === 'D' ? 554 : 451} ${text}\r\n`, qp: undefined, results }
  }

  /** All of it is there: queue gets it now, with what was found out on top. */
  async #finishExamined(examination: Examination): Promise<Verdict> {
    try {
      const { top, fields, facts, results, refusal } = await examination.end(this.#transaction.facts)
      if (refusal !== undefined) {
        await this.abandon()
        return { reply: refusal, qp: undefined, results }
      }
      const way = this.#begin(facts, fields + this.#ownFields)
      this.#received = Buffer.concat([Buffer.from(top, 'latin1'), this.#received ?? nothing])
      for (const piece of examination.pieces()) if (!this.#write(piece)) await way.drained()
      return await this.#finish(nothing, results)
    } catch (error) {
      this.#object(error)
      await this.#abandonment
      return { reply: this.#objection ?? reply.cannotKeep, qp: undefined }
    } finally {
      examination.drop()
    }
  }

  /** Take the message back: the client is gone, or the message will be refused. @returns when queue has let go of it */
  abandon(): Promise<unknown> {
    this.#transaction.release()
    this.#examination?.drop()
    this.#abandonment ??= this.#submission?.abandon() ?? Promise.resolve()
    return this.#abandonment
  }

  #write(bytes: Buffer): boolean {
    const received = this.#received
    this.#received = undefined
    return (this.#submission as Way).write(received === undefined ? bytes : Buffer.concat([received, bytes]))
  }
}
