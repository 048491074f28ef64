/**
 * A message that filters judge (control/milters) before queue hears of it: it is held, shown to each, and goes on as
 * they have left it. Nothing of it is acknowledged meanwhile.
 */
import type { Outcome, Submission } from '@yabumi/enqueue'
import { type Facts, noFacts } from '@yabumi/facts'
import type { HeldMessage } from '@yabumi/heldmessage'
import type { Draft, Judgement, Milter, Origin } from '@yabumi/milter'
import { errorText, Trouble } from '@yabumi/trouble'
import { newHeld } from './held.ts'
import type { Settings } from './settings.ts'

/** What a message needs of its way to queue. */
export type Way = Pick<Submission, 'write' | 'drained' | 'finish' | 'abandon'>

export interface FilterTerms {
  /** Undefined where a bad line is all there is: nothing is taken until that is put right. */
  readonly milters: readonly Milter[] | undefined
  readonly origin: Origin
}

/** @returns undefined where no filter sees the client's messages */
export function filterTerms(
  { milters, relayClient, hostName }: Settings,
  origin: Omit<Origin, 'hostName' | 'id'>,
): FilterTerms | undefined {
  const concerned = milters?.filter(({ skipsRelay }) => !skipsRelay || relayClient === undefined)
  if (concerned?.length === 0) return undefined
  messages += 1
  return { milters: concerned, origin: { ...origin, hostName, id: `${process.pid}.${messages}` } }
}

/** That filters have seen, for names that they can log. */
let messages = 0

const closed = '451 the filters of this host cannot be read, try again later (#4.3.0)'

export class Filtered implements Way {
  readonly #terms: FilterTerms
  readonly #facts: Facts
  readonly #open: (facts: Facts) => Way
  readonly #ownFields: number
  readonly #held: HeldMessage
  #trouble: string | undefined
  /** What filters want replied in place of queue's outcome. */
  reply: string | undefined
  /** Hears of filters in trouble, and of what they have done. */
  tell: (line: string) => void = () => {}

  /**
   * @param open - the way to queue, once it is known what goes there
   * @param ownFields - how many fields of ours stand on top, which filters do not see
   */
  constructor(terms: FilterTerms, facts: Facts, open: (facts: Facts) => Way, ownFields: number) {
    this.#ownFields = ownFields
    this.#terms = terms
    this.#facts = facts
    this.#open = open
    this.#held = newHeld()
  }

  write(bytes: Buffer): boolean {
    try {
      if (this.#trouble === undefined) this.#held.write(bytes)
    } catch (error) {
      this.#trouble = errorText(error)
    }
    return true
  }

  async drained(): Promise<void> {}

  async finish(sender: string, recipients: Iterable<string>): Promise<Outcome> {
    try {
      if (this.#trouble !== undefined) throw new Trouble('4.3.0', this.#trouble)
      return await this.#judge(sender, [...recipients])
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      this.tell(`filters: ${error.message}`)
      return { verdict: 'Z', text: 'unable to keep that message for filters (#4.3.0)', qp: '0' }
    } finally {
      this.#held.drop()
    }
  }

  async abandon(): Promise<Outcome> {
    this.#held.drop()
    return { verdict: 'Z', text: 'the client took it back', qp: '0' }
  }

  async #judge(sender: string, recipients: readonly string[]): Promise<Outcome> {
    const { milters, origin } = this.#terms
    const { draftOf, judgeByMilters, MilterTrouble } = await import('@yabumi/milter/judge')
    if (milters === undefined) return this.#refuse(closed)
    try {
      const { fields, ...draft } = draftOf(sender, recipients, () => this.#held.pieces())
      const shown = { ...draft, fields: fields.slice(this.#ownFields) }
      const judgement = await judgeByMilters(milters, origin, shown, { newStore: newHeld, log: (line) => this.tell(line) })
      return await this.#obey(judgement, recipients, fields.slice(0, this.#ownFields))
    } catch (error) {
      if (!(error instanceof MilterTrouble)) throw error
      this.tell(`filters: ${error.message}`)
      return this.#refuse('552 that header is too long for the filters of this host (#5.3.4)')
    }
  }

  async #obey(judgement: Judgement, before: readonly string[], own: Draft['fields']): Promise<Outcome> {
    if (judgement.kind === 'accept') return await this.#pass(judgement.draft, before, own)
    this.tell(`filter ${judgement.by}: ${judgement.kind === 'reply' ? judgement.reply : 'dropped'}`)
    return judgement.kind === 'reply' ? this.#refuse(judgement.reply) : { verdict: 'K', text: '', qp: '0' }
  }

  #refuse(reply: string): Outcome {
    this.reply = reply
    return { verdict: 'Z', text: '', qp: '0' }
  }

  async #pass(draft: Draft, before: readonly string[], own: Draft['fields']): Promise<Outcome> {
    const { piecesOf } = await import('@yabumi/milter/judge')
    if (draft.recipients.length === 0) return this.#refuse('550 a filter leaves that message to nobody (#5.7.1)')
    const marks = draft.quarantine.map((reason) => ({ name: 'X-Quarantine', head: 'X-Quarantine:', value: ` ${oneLine(reason)}` }))
    if (marks.length > 0) this.tell(`quarantined: ${draft.quarantine.join('; ')}`)
    const way = this.#open(factsOf(this.#facts, before, draft.recipients))
    for (const piece of piecesOf({ fields: [...own, ...marks, ...draft.fields], body: draft.body }))
      if (!way.write(piece)) await way.drained()
    return await way.finish(draft.sender, draft.recipients)
  }
}

function oneLine(text: string): string {
  return text.replace(/[^ -~]/g, '?')
}

/** Facts of recipients go by their places, which filters may have changed. */
function factsOf(facts: Facts, before: readonly string[], after: readonly string[]): Facts {
  const places = new Map(before.map((recipient, place) => [recipient, place]))
  const kept = after.flatMap((recipient, place) => {
    const known = facts.recipients.get(places.get(recipient) ?? -1)
    return known === undefined ? [] : [[place, known] as const]
  })
  return { ...noFacts, message: facts.message, recipients: new Map(kept) }
}
