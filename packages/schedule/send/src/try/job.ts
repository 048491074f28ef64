/**
 * A job is one message on one channel with work under way: a pass that reads its channel file, deliveries, failures
 * that are being recorded. Each of them holds it; when the last lets go, it is seen whether the message is done here.
 */
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import type { InfoFacts } from '@yabumi/facts'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { Delay } from '../bounce/delay.ts'
import type { Channel } from '../keep/channel.ts'
import type { LateSyncs } from '../keep/latesyncs.ts'
import type { Log } from '../log.ts'
import { HeldRecipients } from './heldrecipients.ts'

const done = Buffer.from('D')

export interface JobPlan {
  readonly id: MessageId
  readonly channel: Channel
  readonly sender: string
  readonly facts: InfoFacts
  /** When to try again what is not done now, in seconds since 1970. */
  readonly retry: number
  /** The message has been in the queue too long: what is deferred now fails. */
  readonly dying: boolean
  readonly doubtful: boolean
  /** What its sender is to hear of those who wait on. */
  readonly delay?: Delay | undefined
}

export class Job {
  readonly id: MessageId
  readonly channel: Channel
  readonly sender: string
  readonly facts: InfoFacts
  readonly retry: number
  readonly dying: boolean
  readonly doubtful: boolean
  readonly delay: Delay | undefined
  /** The channel file, relative to queue/. */
  readonly file: string
  /** The channel file has been read to its end. */
  complete = false
  holders = 1
  /** Something of it has been tried. */
  begun = false
  /** Recipients that wait for slots; the job stands in the line of each of their names. */
  readonly held: HeldRecipients = new HeldRecipients()
  /** Recipients that are not done. */
  #unfinished = 0
  #unmarked = -1
  #fd = -1
  readonly #log: Log
  readonly #lateSyncs: LateSyncs

  constructor(plan: JobPlan, { log, lateSyncs }: { readonly log: Log; readonly lateSyncs: LateSyncs }) {
    this.id = plan.id
    this.channel = plan.channel
    this.sender = plan.sender
    this.facts = plan.facts
    this.retry = plan.retry
    this.dying = plan.dying
    this.doubtful = plan.doubtful
    this.delay = plan.delay
    this.file = queuePath(plan.channel.name, plan.id)
    this.#log = log
    this.#lateSyncs = lateSyncs
  }

  get isDone(): boolean {
    return this.complete && this.#unfinished === 0
  }

  /** A recipient is being tried. */
  begin(): void {
    this.begun = true
    this.#unfinished += 1
    this.holders += 1
  }

  /** A recipient is not being tried after all. What began it holds the job on. */
  takeBack(): void {
    this.complete = false
    this.#unfinished -= 1
  }

  /**
   * A recipient is done for good. Its D goes into the channel file at once, unless it is the last one and the file is
   * about to go as a whole: either way a crash before this line tries it again, and none after it does.
   */
  finish(position: number): void {
    this.#unfinished -= 1
    if (this.isDone && this.holders === 1) this.#unmarked = position
    else this.#mark(position)
  }

  /** Remove the channel file, all of whose recipients are done. @returns false if it is still there */
  remove(): boolean {
    try {
      unlinkSync(`queue/${this.file}`)
      this.#lateSyncs.noteGone(this.file)
      return true
    } catch {
      this.#log.warning(`unable to unlink ${this.file}; will try again later`)
      if (this.#unmarked >= 0) this.#mark(this.#unmarked)
      return false
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #mark(position: number): void {
    try {
      if (this.#fd < 0) this.#fd = openSync(`queue/${this.file}`, 'r+')
      writeSync(this.#fd, done, 0, 1, position)
      this.#lateSyncs.note(this.file)
    } catch {
      this.#log.warning(`trouble marking ${this.file}; message will be delivered twice!`)
    }
  }
}
