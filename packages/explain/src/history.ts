/** What the log tells about one message: its last life, as numbers are used again. */
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

export class History {
  readonly #id: string
  /** From the log: when send took it up, and what it was. */
  begun: number | undefined
  info: { readonly bytes: number; readonly sender: string; readonly qp: string; readonly uid: string } | undefined
  attempts: Attempt[] = []
  /** The number of its bounce. */
  bounce: string | undefined
  ended: number | true | undefined
  known = false
  #underWay = new Map<string, Attempt>()

  constructor(id: string) {
    this.#id = id
  }

  /** @param labels - as for parseLogLine */
  take(line: string, labels?: number): void {
    const event = parseLogLine(line, labels)
    if (event === undefined) return
    if (event.kind === 'ended') this.#end(event)
    else if (event.kind === 'start') this.#start(event)
    else if (event.id === this.#id) this.#tell(event)
  }

  #tell(event: Exclude<Event, { kind: 'start' | 'ended' }>): void {
    if (event.kind === 'new') this.#begin(event.time)
    this.known = true
    if (event.kind === 'info') this.info = { bytes: event.bytes, sender: event.sender, qp: event.qp, uid: event.uid }
    else if (event.kind === 'bounce') this.bounce = event.qp
    else if (event.kind === 'end') this.ended = event.time ?? true
  }

  /** Another message with this number, unless the first one was only preprocessed again. */
  #begin(time: number | undefined): void {
    if (this.ended !== undefined || this.attempts.length === 0) {
      this.attempts = []
      this.bounce = undefined
      this.ended = undefined
      this.begun = time
    }
  }

  #start(event: Event & { kind: 'start' }): void {
    this.#underWay.delete(event.delivery) // numbers begin anew when send does
    if (event.id !== this.#id) return
    this.known = true
    const { channel, recipient, time: begun } = event
    const attempt: Attempt = { channel, recipient, begun, ended: undefined, outcome: undefined, text: '' }
    this.attempts.push(attempt)
    this.#underWay.set(event.delivery, attempt)
  }

  #end({ delivery, outcome, text, time }: Event & { kind: 'ended' }): void {
    const attempt = this.#underWay.get(delivery)
    if (attempt === undefined) return
    this.#underWay.delete(delivery)
    attempt.outcome = outcome
    attempt.text = text
    attempt.ended = time
  }
}
