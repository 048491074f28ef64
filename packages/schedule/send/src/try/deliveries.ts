/**
 * The deliveries of one channel: commands to its spawn program, and its reports (spec §2.4.1, §2.5.3).
 */
import { nowSeconds } from '@yabumi/dates'
import { logSafe } from '@yabumi/logline'
import { queuePath } from '@yabumi/queuedir'
import { encodeCommand, givenBack, type Report, ReportDecoder } from '@yabumi/spawnprotocol'
import type { Channel } from '../keep/channel.ts'
import { Peer, type PipeEnds } from '../peer.ts'
import { logStatus, type Shared } from '../shared.ts'
import { returnsAt } from './appointed.ts'
import type { Attempt, Verdict } from './attempt.ts'
import { senderFor } from './verp.ts'

const tooLate = "I'm not going to try again; its sender wanted it to be there by now. (#5.4.7)\n"
const tooLong = "I'm not going to try again; this message has been in the queue too long.\n"

interface Delivery {
  /** Counted from 1 since the start; what the log calls it. */
  readonly number: number
  readonly attempt: Attempt
  readonly newcomer: boolean
}

export class Deliveries {
  readonly #channel: Channel
  readonly #shared: Shared
  readonly #nextNumber: () => number
  readonly #peer: Peer
  readonly #slots: (Delivery | undefined)[]
  readonly #decoder: ReportDecoder

  /** @param nextNumber - counts the deliveries of both channels */
  constructor(channel: Channel, ends: PipeEnds, shared: Shared, nextNumber: () => number) {
    this.#channel = channel
    this.#shared = shared
    this.#nextNumber = nextNumber
    this.#slots = Array.from({ length: channel.limit + channel.slow }, () => undefined)
    this.#decoder = new ReportDecoder(channel.width)
    this.#peer = new Peer(ends, {
      heard: (bytes) => {
        for (const report of this.#decoder.push(bytes)) this.#take(report)
        shared.wake()
      },
      ready: () => shared.wake(),
      lost: () => shared.lose('spawn'),
      silent: () => shared.wake(),
    })
  }

  /** Whether start() may be called. */
  get available(): boolean {
    return this.#channel.busy < this.#slots.length && this.#peer.isReady
  }

  /** Deliveries whose reports may still come. Those of a program that is lost are deferred: they are due again at the next start. */
  get pending(): number {
    return this.#peer.silent ? 0 : this.#channel.busy
  }

  /** @param newcomer - if it cannot go on as one, it is given back */
  start(attempt: Attempt, newcomer: boolean): void {
    const { log } = this.#shared
    const { id, sender, recipient, facts } = attempt
    const slot = this.#slots.indexOf(undefined)
    const number = this.#nextNumber()
    this.#slots[slot] = { number, attempt, newcomer }
    this.#channel.busy += 1
    log.line(`starting delivery ${number}: msg ${id} to ${this.#channel.name} ${logSafe(recipient)}`)
    logStatus(this.#shared)
    const message = queuePath('mess', id).slice('mess/'.length)
    const plain = { delivery: slot, message, sender: senderFor(sender, recipient), recipient }
    const command = this.#channel.tellsFacts ? { ...plain, facts } : plain
    this.#peer.say(encodeCommand(newcomer ? { ...command, newcomer } : command, this.#channel.width))
  }

  flush(): void {
    this.#peer.flush()
  }

  /** Start none any more. The spawn program sees that, and brings what is under way to an end within control/stoptime. */
  finish(): void {
    this.#peer.finish()
  }

  #take(report: Report): void {
    const { log } = this.#shared
    const delivery = this.#slots[report.delivery]
    if (delivery === undefined) {
      log.warning('internal error: delivery report out of range')
      return
    }
    this.#slots[report.delivery] = undefined
    this.#channel.busy -= 1
    const { number, attempt, newcomer } = delivery
    if (newcomer && report.status === givenBack) {
      log.line(`delivery ${number}: deferral: ${logSafe(`Waits for its share: ${report.text} has deliveries under way.`)}`)
      logStatus(this.#shared)
      attempt.givenBack()
      return
    }
    const { verdict, text } = judge(report, attempt)
    log.line(`delivery ${number}: ${verdict === 'mangled' ? 'report mangled, will defer' : `${verdict}: ${logSafe(text)}`}`)
    logStatus(this.#shared)
    this.#shared.heldLogins.note(attempt.facts.message, verdict, text)
    attempt.ended(verdict, text)
  }
}

/** What a report means. */
function judge({ status, text }: Report, { dying, facts }: Attempt): { verdict: Verdict; text: string } {
  if (status === 'K') return { verdict: 'success', text }
  if (status === 'D') return { verdict: 'failure', text }
  if (status !== 'Z') return { verdict: 'mangled', text: '' }
  const isDeadline = nowSeconds() >= returnsAt(facts.message)
  return dying ? { verdict: 'failure', text: isDeadline ? tooLate + text : text + tooLong } : { verdict: 'deferral', text }
}
