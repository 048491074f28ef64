/**
 * A stranger's message that is checked on its way to queue. What is found out about it stands above it there. What
 * others say in our name is taken out (RFC 8601 §5).
 *
 * Order   the message is kept until all is known; queue gets it only then, and its client hears of it after queue has
 * Memory  the header, and the beginning of the message up to a limit
 */
import { ForeignResults } from '@yabumi/authres'
import { nowSeconds } from '@yabumi/dates'
import { ask } from '@yabumi/dns'
import { type Facts, withFact } from '@yabumi/facts'
import { type Disposition, dispositionOf, Judge, type Judgement, resultsFact, resultsField, resultWords } from '@yabumi/judgement'
import { replyReasonBytes } from '@yabumi/limits'
import { printable } from '@yabumi/printable'
import type { SpfVerdict } from '@yabumi/spf'
import type { CheckSettings } from './checksettings.ts'
import { newHeld } from './held.ts'

/** Who sends: the client, and what it has said. */
export interface Stranger {
  readonly ip: string
  readonly helo: string
  readonly sender: string
}

/** What goes on top of the message and into its envelope, and what the log says. */
export interface Findings {
  /** Fields, each LF-ended. */
  readonly top: string
  /** How many. */
  readonly fields: number
  readonly facts: Facts
  readonly results: string
  /** The reply that refuses the message. */
  readonly refusal?: string
}

/** What layers after this one read: a .qmail file, a reader's program. */
const quarantineField = 'X-Spam-Flag: YES\n'

function refusalFor({ for: what, why }: Disposition & { action: 'reject' }, { dmarc }: Judgement): string {
  const shown = printable(why).slice(0, replyReasonBytes)
  if (what === 'from') return `550 one From address, please: ${shown} (#5.6.0)\r\n`
  return `550 mail from ${printable(dmarc.domain).slice(0, 253)} is not authenticated, as its DMARC policy demands: ${shown} (#5.7.26)\r\n`
}

export class Examination {
  readonly #settings: CheckSettings
  readonly #client: string
  readonly #judge: Judge
  readonly #foreign: ForeignResults
  readonly #held = newHeld()

  /** @param spf - what came of SPF, where that has been asked */
  constructor(stranger: Stranger, settings: CheckSettings, spf: SpfVerdict | undefined) {
    const { host, smallestKeyBits, partialBody } = settings
    this.#settings = settings
    this.#client = stranger.ip
    this.#foreign = new ForeignResults(host)
    const options = { ask, nowSeconds: nowSeconds(), receiver: host, smallestKeyBits, partialBody, weak: false }
    this.#judge = new Judge(spf === undefined ? stranger : Promise.resolve(spf), options, 'queue')
  }

  /** @param bytes - the next of the message as the queue has it; may be overwritten afterwards. @throws Trouble if they cannot be kept */
  take(bytes: Buffer): void {
    this.#judge.push(bytes)
    this.#held.write(this.#foreign.push(bytes))
  }

  /** The message has ended. @param facts - of its envelope so far. @throws Trouble if it cannot be kept */
  async end(facts: Facts): Promise<Findings> {
    this.#held.write(this.#foreign.end())
    const judgement = await this.#judge.end()
    const disposition = this.#decide(judgement)
    const field = resultsField(this.#settings.host, judgement, disposition.action)
    const quarantine = disposition.action === 'quarantine' ? quarantineField : ''
    const words = resultWords(judgement)
    return {
      top: `${field}\n${quarantine}`,
      fields: quarantine === '' ? 1 : 2,
      facts: withFact(facts, 'RESULTS', resultsFact(field)),
      results: this.#settings.level < 2 ? words : `${words} action=${disposition.action}`,
      ...(disposition.action === 'reject' ? { refusal: refusalFor(disposition, judgement) } : {}),
    }
  }

  #decide(judgement: Judgement): Disposition {
    const { level, exceptions, dmarc, fromCheck, trustedSealers } = this.#settings
    if (level < 2 || exceptions.hasClient(this.#client)) return { action: 'accept' }
    return dispositionOf(judgement, { dmarc, fromCheck, trustedSealers, isExcepted: (name) => exceptions.hasName(name) })
  }

  /** As it goes on below that. @throws Trouble if it cannot be read */
  pieces(): Iterable<Buffer> {
    return this.#held.pieces()
  }

  /** Nothing of it is needed any more. */
  drop(): void {
    this.#held.drop()
  }
}
