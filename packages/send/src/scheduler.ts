/**
 * The one scheduler: wires the concerns together and gives each its turn.
 *
 * Whatever happens (a report, an answer of clean, a finished sync, the trigger, a signal, the clock) asks for a turn,
 * and one turn serves all that has happened by then: todo/ gets a few messages begun, each channel starts what is due,
 * messages that are done are finished; then the log is written, and each program gets its commands in one write.
 * Nothing in a turn waits.
 */
import { utimesSync } from 'node:fs'
import { StopTime } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { stopMarginSeconds } from '@yabumi/limits'
import { type MessageId, queuePath } from '@yabumi/queuedir'
import type { ChannelNumber } from '@yabumi/retrytimes'
import { nextRetry } from '@yabumi/retrytimes'
import type { Routing } from '@yabumi/routing'
import { BounceFiles } from './bouncefile.ts'
import { BounceSender } from './bouncesender.ts'
import { Channel, type Channels, logStatus, type Slots } from './channel.ts'
import { Cleaner } from './cleaner.ts'
import type { Context } from './context.ts'
import { type Controls, rereadRouting } from './controls.ts'
import { Delivered } from './delivered.ts'
import { Deliveries } from './deliveries.ts'
import { Finish } from './finish.ts'
import type { FirstTry } from './firsttry.ts'
import { FreshMessages } from './fresh.ts'
import { FutureTimes } from './futuretimes.ts'
import { Jobs } from './jobs.ts'
import { LateSyncs } from './latesyncs.ts'
import type { Log } from './log.ts'
import { destinationOf, Pass } from './pass.ts'
import type { ReadyMessage, Tried } from './preprocess.ts'
import { RecipientUsers } from './recipientusers.ts'
import { Requests } from './requests.ts'
import { Shares } from './shares.ts'
import { Stock } from './stock.ts'
import { Sweep } from './sweep.ts'
import { longestSleepSeconds } from './timers.ts'
import { Todo } from './todo.ts'

/** What is known when everything is ready to start. */
export interface Setup {
  readonly log: Log
  readonly controls: Controls
  readonly routing: Routing
  /** Local, remote. */
  readonly slots: readonly [Slots, Slots]
  /** Whether clean may be asked to keep files of finished messages. */
  readonly keepsSpares: boolean
}

/** lspawn has one, and then its last reports come. */
const margins = 3

export class Scheduler implements Context {
  readonly log: Log
  readonly controls: Controls
  routing: Routing
  readonly channels: Channels
  readonly cleaner: Cleaner
  readonly delivered: Delivered = new Delivered()
  readonly lateSyncs: LateSyncs
  readonly futureTimes: FutureTimes
  readonly requests: Requests
  leaving = false
  beingTried = 0
  readonly #stopTime: StopTime
  readonly #bounceFiles: BounceFiles
  readonly #bounces: BounceSender
  readonly #finish: Finish
  readonly #stock: Stock
  readonly #fresh = new FreshMessages()
  readonly #deliveries: readonly [Deliveries, Deliveries]
  readonly #passes: readonly [Pass, Pass]
  readonly #jobs: Jobs
  readonly #todo: Todo
  readonly #sweep: Sweep
  #deliveryNumbers = 0
  #retriedAt = Number.NEGATIVE_INFINITY
  #turnAsked = false
  #timer: NodeJS.Timeout | undefined
  #left: () => void = () => undefined

  constructor({ log, controls, routing, slots, keepsSpares }: Setup) {
    this.log = log
    this.#stopTime = new StopTime((line) => log.warning(line))
    this.controls = controls
    this.routing = routing
    const [local, remote] = [new Channel(0, slots[0]), new Channel(1, slots[1])]
    this.channels = [local, remote]
    this.futureTimes = new FutureTimes(log)
    this.lateSyncs = new LateSyncs(log, () => this.wake())
    this.cleaner = new Cleaner(
      { write: 5, read: 6 },
      () => this.lose('qmail-clean'),
      () => this.wake(),
      () => this.lateSyncs.note('todo'),
    )
    this.requests = new Requests(
      this,
      (id) => this.#fresh.forget(id),
      (channel) => this.#passes[channel.number].giveBack(),
    )
    this.#bounceFiles = new BounceFiles(this)
    this.#bounces = new BounceSender(this)
    this.#finish = new Finish(this, this.#bounces)
    this.#stock = new Stock(this, this.#finish.heap)
    this.#jobs = new Jobs(this, this.#bounceFiles, (id) => this.#finish.finish(id))
    const deliveries = (channel: Channel, write: number, read: number): Deliveries =>
      new Deliveries(channel, { write, read }, this, () => ++this.#deliveryNumbers)
    this.#deliveries = [deliveries(local, 1, 2), deliveries(remote, 3, 4)]
    const users = new RecipientUsers('.')
    const pass = (channel: Channel, mostOfOne: number, nameOf: (recipient: string) => string): Pass => {
      const sizes = { slots: channel.limit, slow: channel.slow, mostOfOne, shared: controls.shared, remote: channel === remote }
      return new Pass(channel, this.#deliveries[channel.number], this, this.#jobs, this.#fresh, new Shares(sizes, nameOf))
    }
    this.#passes = [pass(local, 0, (recipient) => users.nameOf(recipient)), pass(remote, controls.concurrencyPerHost, destinationOf)]
    this.#todo = new Todo(this, { bounces: this.#bounces, keepsSpares, ready: (id, message) => this.#takeIn(id, message) })
    this.#sweep = new Sweep(this)
  }

  /** Take in the queue and work until told to leave, or until a program is lost. */
  async run(): Promise<void> {
    const left = new Promise<void>((resolve) => {
      this.#left = resolve
    })
    await Promise.race([this.#stock.load(nowSeconds()), left]) // who is told to leave does not wait for a directory that cannot be opened
    if (Number.isFinite(this.#retriedAt)) this.retryAll() // for what was not taken in yet
    if (!this.leaving) {
      logStatus(this)
      this.#sweep.start()
    }
    this.wake()
    await left
  }

  wake(): void {
    if (this.#turnAsked) return
    this.#turnAsked = true
    setImmediate(() => this.#turn())
  }

  tryFirst(channel: ChannelNumber, attempt: FirstTry): boolean {
    const over = (): void => {
      this.beingTried -= 1
    }
    const counted: FirstTry = {
      ...attempt,
      ended: (verdict, text) => {
        over()
        attempt.ended(verdict, text)
      },
      notTried: () => {
        over()
        attempt.notTried()
      },
    }
    const taken = !this.leaving && this.#passes[channel].tryFirst(counted, nowSeconds())
    if (taken) this.beingTried += 1
    return taken
  }

  lose(program: 'spawn' | 'qmail-clean'): void {
    this.log.alert(`oh no! lost ${program} connection! dying...`)
    this.leave()
  }

  /** Start nothing more; run() returns when what is under way has ended, or has taken longer than control/stoptime. */
  leave(): void {
    if (this.leaving) return
    this.leaving = true
    for (const deliveries of this.#deliveries) deliveries.finish()
    setTimeout(() => this.cut(), (this.#stopTime.seconds + margins * stopMarginSeconds) * 1000)
    this.#sweep.stop()
    for (const { firstTries } of this.#passes) firstTries.giveUp(Number.POSITIVE_INFINITY)
    this.wake()
  }

  /** Leave at once. Deliveries without a report are made again at the next start, as after a crash. */
  cut(): void {
    this.#end()
  }

  /** Every message is due now that is not held. */
  retryAll(): void {
    const now = nowSeconds()
    this.#retriedAt = performance.now()
    for (const { heap } of this.channels) heap.setAll(now)
    this.wake()
  }

  /** Read control/locals and control/virtualdomains again. */
  reroute(): void {
    this.routing = rereadRouting(this.routing, this.log)
    this.wake()
  }

  #turn(): void {
    this.#turnAsked = false
    const more = !this.leaving && this.#advance(nowSeconds())
    this.log.flush()
    for (const deliveries of this.#deliveries) deliveries.flush()
    this.cleaner.flush()
    if (this.leaving && this.#pending === 0) this.#end()
    else if (more) this.wake()
    else this.#sleep()
  }

  /** @returns whether there is more to do in the next turn */
  #advance(now: number): boolean {
    if (this.futureTimes.wasSetBack) this.#turnBack(now)
    let more = this.requests.advance(now)
    more = this.#todo.advance(now) || more
    for (const pass of this.#passes) {
      more = pass.advance(now) || more
      pass.firstTries.giveUp(now)
    }
    this.#stock.advance(now)
    return this.#finish.advance(now) || more
  }

  /** The clock was set back. */
  #turnBack(now: number): void {
    for (const channel of this.channels) this.futureTimes.review(channel, now)
    for (const heap of [this.#finish.heap, this.#stock.failed]) heap.setAll(now)
    this.#todo.rescan()
  }

  /** What is under way and will end by itself. */
  get #pending(): number {
    const [local, remote] = this.#deliveries
    const preprocessed = this.#todo.pending - this.beingTried // who is being tried counts as a delivery
    const work = local.pending + remote.pending + preprocessed
    return work + this.#bounceFiles.pending + this.#bounces.pending + this.cleaner.pending
  }

  /** Until something happens, or the next message is due. What is due already waits for something to happen. */
  #sleep(): void {
    clearTimeout(this.#timer)
    const now = Date.now()
    let wakeAt = now + longestSleepSeconds * 1000
    for (const due of [
      this.#todo.nextRun,
      ...this.#passes.map(({ firstTries }) => firstTries.nextDue),
      ...[...this.channels, this.#finish, { heap: this.#stock.failed }].map(({ heap }) => heap.nextDue),
    ]) {
      if (due * 1000 > now) wakeAt = Math.min(wakeAt, due * 1000)
    }
    for (const { settlesIn } of this.#passes) wakeAt = Math.min(wakeAt, now + settlesIn)
    this.#timer = setTimeout(() => this.wake(), wakeAt - now)
  }

  #takeIn(id: MessageId, message: ReadyMessage): void {
    const now = nowSeconds()
    if (message.tried !== undefined) {
      this.#goOn(id, message, message.tried)
      return
    }
    this.#fresh.add(id, message)
    for (const channel of this.channels) if (message.channels[channel.number]) channel.schedule(id, now)
    if (!message.channels.includes(true)) this.#finish.finish(id)
  }

  /** As if its first attempt had been made in S5, and had just ended. */
  #goOn(id: MessageId, { sender, birth }: ReadyMessage, { destination, verdict, text, endedAt }: Tried): void {
    const channel = this.channels[destination.channel]
    const retry = this.#retriedAt > endedAt ? nowSeconds() : nextRetry(birth, birth, channel.number)
    const job = this.#jobs.open({ id, channel, sender, retry, dying: false, doubtful: false })
    job.complete = true
    this.#jobs.attempt(job, 0, destination.address).ended(verdict, text)
    this.#jobs.release(job)
  }

  /** The next attempts go into the mtimes of the channel files, where the next start finds them. */
  #end(): void {
    for (const channel of this.channels) {
      for (const [id, due] of channel.heap.entries()) {
        const file = queuePath(channel.name, id)
        try {
          utimesSync(`queue/${file}`, due, due)
        } catch {
          this.log.warning(`unable to utime ${file}; message will be retried too soon`)
        }
      }
    }
    this.lateSyncs.finish()
    this.log.line('status: exiting')
    this.log.flush()
    this.#left()
  }
}
