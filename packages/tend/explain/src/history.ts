/**
 * What send's log tells about messages with certain numbers. Numbers are used again, so each may have had several
 * lives.
 */
import { type Event, type Outcome, parseLogLine } from '@yabumi/logline'

export interface Attempt {
  readonly channel: 'local' | 'remote'
  readonly recipient: string
  /** Seconds since 1970; undefined where the log has no times. */
  readonly begun: number | undefined
  ended: number | undefined
  /** Undefined while it is under way, or if send died meanwhile. */
  outcome: Outcome | undefined
  /** With `/` for line ends. */
  text: string
}

/** One message with its number, from the log. */
export class Life {
  readonly id: string
  /** When send took it up: seconds since 1970, with a fraction if the log has one; undefined where the log has no times. */
  readonly begun: number | undefined
  info: { readonly bytes: number; readonly sender: string; readonly qp: string; readonly uid: string } | undefined
  readonly attempts: Attempt[] = []
  /** What rspawn says of its signatures: `d=example.org s=202611a`, `not signed: REASON`; undefined where it said nothing. */
  dkim: string | undefined
  /** The number of its bounce. */
  bounce: string | undefined
  ended: number | true | undefined

  constructor(id: string, begun?: number) {
    this.id = id
    this.begun = begun
  }
}

export class History {
  readonly #numbers: ReadonlySet<string>
  /** In the order in which they began. */
  readonly lives: Life[] = []
  readonly #last = new Map<string, Life>()
  readonly #underWay = new Map<string, Attempt>()

  /** @param numbers - of messages, or what their queue said behind `qp`: the same, unless queue was run as a program */
  constructor(numbers: Iterable<string>) {
    this.#numbers = new Set(numbers)
  }

  /** The one of now; undefined if the log does not know the number. */
  lastOf(id: string): Life | undefined {
    return this.#last.get(id)
  }

  /** @param labels - as for parseLogLine */
  take(line: string, labels?: number): void {
    const event = parseLogLine(line, labels)
    if (event === undefined) this.#sign(line)
    else if (event.kind === 'ended') this.#end(event)
    else if (event.kind === 'start') this.#start(event)
    else this.#tell(event)
  }

  /** A line of rspawn's (spec §19.2). */
  #sign(line: string): void {
    const [, id = '', said] = /(?:^| )rspawn: dkim: ([0-9]+) (not signed: .*|d=.*)$/.exec(line) ?? []
    const life = this.#last.get(id)
    if (life !== undefined) life.dkim = said
  }

  #tell(event: Exclude<Event, { kind: 'start' | 'ended' }>): void {
    const { id, kind, time } = event
    if (!this.#numbers.has(id) && !(kind === 'info' && this.#numbers.has(event.qp)) && !this.#last.has(id)) return
    const life = kind === 'new' ? this.#begin(id, time) : this.#of(id, time)
    if (kind === 'info') life.info = { bytes: event.bytes, sender: event.sender, qp: event.qp, uid: event.uid }
    else if (kind === 'bounce') life.bounce = event.qp
    else if (kind === 'end') life.ended = seconds(time) ?? true
  }

  /** Another message with this number, unless the first one was only preprocessed again. */
  #begin(id: string, time: number | undefined): Life {
    const last = this.#last.get(id)
    if (last !== undefined && last.ended === undefined && last.attempts.length > 0) return last
    if (last !== undefined && last.ended === undefined) this.lives.splice(this.lives.indexOf(last), 1)
    return this.#add(new Life(id, time))
  }

  /** The message that a line is about, be it that the log does not have its beginning any more. */
  #of(id: string, time?: number): Life {
    return this.#last.get(id) ?? this.#add(new Life(id, time))
  }

  #add(life: Life): Life {
    this.lives.push(life)
    this.#last.set(life.id, life)
    return life
  }

  #start(event: Event & { kind: 'start' }): void {
    this.#underWay.delete(event.delivery) // numbers begin anew when send does
    const { id, channel, recipient } = event
    if (!this.#numbers.has(id) && this.#last.get(id) === undefined) return
    const attempt: Attempt = { channel, recipient, begun: seconds(event.time), ended: undefined, outcome: undefined, text: '' }
    this.#of(id).attempts.push(attempt)
    this.#underWay.set(event.delivery, attempt)
  }

  #end({ delivery, outcome, text, time }: Event & { kind: 'ended' }): void {
    const attempt = this.#underWay.get(delivery)
    if (attempt === undefined) return
    this.#underWay.delete(delivery)
    attempt.outcome = outcome
    attempt.text = text
    attempt.ended = seconds(time)
  }
}

/** Whole ones, as everything else about a message is known. */
function seconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(time)
}
