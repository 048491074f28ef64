/**
 * Scans todo/ and has what is there preprocessed, many messages at a time so that their syncs go together.
 *
 * Fair: a turn begins a few messages only, and between two turns reports and passes have theirs. So neither a flood
 * into todo/ nor one of deliveries keeps the other waiting.
 */
import { existsSync } from 'node:fs'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { BounceSender } from '../bounce/sender.ts'
import { MessageDirectory } from '../keep/directory.ts'
import type { Shared } from '../shared.ts'
import { sleepSeconds, sysfailSeconds, todoSeconds } from '../timers.ts'
import { preprocess, type ReadyMessage } from './preprocess.ts'
import { Trigger } from './trigger.ts'

/** What a scan works with. */
export interface Terms {
  readonly bounces: BounceSender
  /** Whether clean may be asked to keep files of finished messages. */
  readonly keepsSpares: boolean
  /** Takes a message that is preprocessed. */
  ready(id: MessageId, message: ReadyMessage): void
}

/** Messages begun in one turn. */
const beginsPerTurn = 16
/** Entries looked at in one turn. */
const entriesPerTurn = 512
/** Messages under way; each has up to three open files. */
const messagesAtOnce = 64

export class Todo {
  readonly #shared: Shared
  readonly #terms: Terms
  readonly #trigger: Trigger
  #directory: MessageDirectory | undefined
  #again = true
  #nextRun = 0
  /**
   * Whether a scan has met all that was in todo/ at the start. Those messages may have been tried already, under another lspawn or rspawn, which
   * gave away the very file: it is not kept.
   */
  #metOld = false
  /** Messages under way: a scan meets them again until clean has unlinked them. */
  readonly #busy = new Set<MessageId>()
  /** Of those, which a scan has met again. Clean may be faster than its answer, and the number that of a new message already. */
  readonly #metAgain = new Set<MessageId>()
  /** Messages that could not be preprocessed, and until when they are left alone: in seconds since 1970. */
  readonly #held = new Map<MessageId, number>()

  constructor(shared: Shared, terms: Terms) {
    this.#shared = shared
    this.#terms = terms
    this.#trigger = new Trigger(() => {
      this.#again = true
      shared.wake()
    })
  }

  /** Messages under way, those included that are being tried. */
  get pending(): number {
    return this.#busy.size
  }

  /** When the next scan is due without a pull; seconds since 1970. */
  get nextRun(): number {
    return this.#nextRun
  }

  /** The clock was set back: what was to come at a time of the old one is due. */
  rescan(): void {
    this.#nextRun = 0
    this.#held.clear()
  }

  /**
   * Begin messages.
   *
   * @param now - seconds since 1970
   * @returns whether there is more to do in the next turn
   */
  advance(now: number): boolean {
    if (this.#directory === undefined && !this.#begin(now)) return false
    const first = this.#busy.size
    for (let count = 0; count < entriesPerTurn; count += 1) {
      if (this.#busy.size - this.#shared.beingTried >= messagesAtOnce) return false // the end of one of them wakes us
      if (this.#busy.size >= first + beginsPerTurn) return true
      const id = this.#directory?.next()
      if (id === undefined) {
        this.#metOld ||= this.#directory?.failed === false
        this.#end()
        return this.#again
      }
      this.#meet(id, now)
    }
    return true
  }

  #begin(now: number): boolean {
    if (!this.#again && now < this.#nextRun) return false
    if (now >= this.#nextRun) this.#openTrigger()
    try {
      this.#directory = new MessageDirectory('todo')
    } catch {
      this.#shared.log.alert('unable to opendir todo, sleeping...')
      this.#again = false
      this.#nextRun = now + sleepSeconds
      return false
    }
    this.#again = false
    this.#nextRun = now + todoSeconds
    return true
  }

  /** At the start, and whenever the timer has run out: somebody may have put another FIFO in its place. */
  #openTrigger(): void {
    try {
      this.#trigger.open()
    } catch {
      this.#shared.log.warning('unable to open lock/trigger')
    }
  }

  #end(): void {
    this.#directory?.close()
    this.#directory = undefined
  }

  #meet(id: MessageId, now: number): void {
    if (this.#busy.has(id)) {
      this.#metAgain.add(id)
      return
    }
    const heldUntil = this.#held.get(id)
    if (heldUntil !== undefined) {
      if (now < heldUntil) return
      this.#held.delete(id)
    }
    const mayBeKept = this.#terms.keepsSpares && this.#metOld && heldUntil === undefined
    this.#busy.add(id)
    preprocess({ id, mayBeKept }, this.#shared, this.#terms.bounces, (result) => {
      this.#busy.delete(id)
      const metAgain = this.#metAgain.delete(id)
      if (result === 'failed') this.#held.set(id, now + sysfailSeconds)
      else if (result === 'gone') {
        if (metAgain && existsSync(`queue/${queuePath('todo', id)}`)) this.#meet(id, now)
      } else if (result !== 'left') this.#terms.ready(id, result)
    })
  }
}
