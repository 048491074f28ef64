/**
 * One message on its way from the client to queue, streamed: line ends decoded, counted, and taken back if it is too
 * big.
 */
import { type Outcome, openSubmission, type Submission } from '@yabumi/enqueue'
import { LineEndDecoder } from './lineends.ts'

export class Message {
  readonly #submission: Submission = openSubmission({ role: 'network', ownHops: 1 })
  readonly #decoder: LineEndDecoder | undefined
  readonly #databytes: number
  /** Not sent yet, so that a small message goes to queue in one write. */
  #received: Buffer | undefined
  #sizeBytes = 0
  #abandonment: Promise<Outcome> | undefined

  /**
   * @param received - the Received field, which does not count as size
   * @param crlf - lines end in CR LF
   * @param databytes - size limit; 0 is none
   */
  constructor(received: string, crlf: boolean, databytes: number) {
    this.#received = Buffer.from(received, 'latin1')
    this.#decoder = crlf ? new LineEndDecoder() : undefined
    this.#databytes = databytes
  }

  get isTooBig(): boolean {
    return this.#databytes > 0 && this.#sizeBytes > this.#databytes
  }

  /** Take a piece, which must not change afterwards. Resolves when there is room for the next one. */
  take(piece: Buffer): Promise<void> {
    return this.#add(this.#decoder?.decode(piece) ?? piece)
  }

  /** The client has sent the last piece. */
  end(): Promise<void> {
    return this.#add(this.#decoder?.rest() ?? Buffer.alloc(0))
  }

  /** Hand over the envelope and wait for the verdict. */
  finish(sender: string, recipients: readonly string[]): Promise<Outcome> {
    return this.#submission.finish(sender, recipients)
  }

  /** Take the message back. @returns when queue has let go of it */
  abandon(): Promise<Outcome> {
    this.#abandonment ??= this.#submission.abandon()
    return this.#abandonment
  }

  async #add(bytes: Buffer): Promise<void> {
    this.#sizeBytes += bytes.length
    if (this.isTooBig) await this.abandon() // the rest is read all the same, and thrown away
    if (this.#abandonment !== undefined) return
    const all = this.#received === undefined ? bytes : Buffer.concat([this.#received, bytes])
    this.#received = undefined
    const room = all.length === 0 || this.#submission.write(all)
    if (!room) await this.#submission.drained()
  }
}
