/**
 * All parts of send, and which of them tells which other. None has its turn here: that is scheduler.ts.
 */

import type { MessageId } from '@yabumi/queuedir'
import type { ChannelName } from '@yabumi/retrytimes'
import type { Routing } from '@yabumi/routing'
import { BounceFiles } from './bounce/file.ts'
import { tellPostmaster } from './bounce/notice.ts'
import { BounceSender } from './bounce/sender.ts'
import type { Controls } from './controls.ts'
import { Cleaner } from './finish/cleaner.ts'
import { Delivered } from './finish/delivered.ts'
import { Finish } from './finish/finish.ts'
import { Sweep } from './finish/sweep.ts'
import { Channel, type Channels, type PerChannel } from './keep/channel.ts'
import { FreshMessages } from './keep/fresh.ts'
import { FutureTimes } from './keep/futuretimes.ts'
import { readInfo } from './keep/info.ts'
import { LateSyncs } from './keep/latesyncs.ts'
import { Requests } from './keep/requests.ts'
import type { Log } from './log.ts'
import type { Shared } from './shared.ts'
import type { Start } from './startup.ts'
import { Intake } from './take/intake.ts'
import { Stock } from './take/stock.ts'
import { Todo } from './take/todo.ts'
import { Deliveries } from './try/deliveries.ts'
import type { FirstTry } from './try/firsttry.ts'
import { HeldLogins } from './try/heldlogins.ts'
import { Jobs } from './try/jobs.ts'
import { destinationOf, Pass } from './try/pass.ts'
import { Passes } from './try/passes.ts'
import { RecipientUsers } from './try/recipientusers.ts'
import { Shares } from './try/shares.ts'

/** Descriptors of the programs that send talks to (spec §2.5.1). */
const ends = { local: { write: 1, read: 2 }, remote: { write: 3, read: 4 }, clean: { write: 5, read: 6 } } as const

export class Wiring implements Shared {
  readonly log: Log
  readonly controls: Controls
  routing: Routing
  readonly channels: Channels
  readonly cleaner: Cleaner
  readonly delivered: Delivered = new Delivered()
  readonly lateSyncs: LateSyncs
  readonly futureTimes: FutureTimes
  readonly requests: Requests
  readonly heldLogins: HeldLogins
  leaving = false
  retriedAt: number = Number.NEGATIVE_INFINITY
  readonly wake: Shared['wake']
  readonly lose: Shared['lose']
  readonly bounceFiles: BounceFiles
  readonly bounces: BounceSender
  readonly finish: Finish
  readonly stock: Stock
  readonly deliveries: PerChannel<Deliveries>
  readonly passes: Passes
  readonly todo: Todo
  readonly sweep: Sweep
  #deliveryNumbers = 0

  constructor({ log, controls, routing, slots, keepsSpares }: Start, { wake, lose }: Pick<Shared, 'wake' | 'lose'>) {
    this.log = log
    this.controls = controls
    this.routing = routing
    this.wake = wake
    this.lose = lose
    const [local, remote] = [new Channel('local', slots.local), new Channel('remote', slots.remote)]
    this.channels = { local, remote }
    this.futureTimes = new FutureTimes(log)
    this.heldLogins = new HeldLogins(controls.bounceHoldPercent, (line) => this.#tellOperator(line))
    this.lateSyncs = new LateSyncs(log, wake)
    this.cleaner = new Cleaner(
      ends.clean,
      () => lose('qmail-clean'),
      wake,
      () => this.lateSyncs.note('todo'),
    )
    const fresh = new FreshMessages()
    this.requests = new Requests(
      this.channels,
      wake,
      (id) => fresh.forget(id),
      (channel) => this.passes.giveBack(channel),
      (id) => this.#letGo(id),
    )
    this.bounceFiles = new BounceFiles(this)
    this.bounces = new BounceSender(this)
    this.finish = new Finish(this, this.bounces)
    this.stock = new Stock(this, this.finish.heap)
    const jobs = new Jobs(
      this,
      this.bounceFiles,
      (id, text) => this.bounces.warn(id, text),
      (id) => this.finish.finish(id),
    )
    this.deliveries = { local: this.#deliveriesOf(local), remote: this.#deliveriesOf(remote) }
    const users = new RecipientUsers('.')
    const pass = (channel: Channel, mostOfOne: number, nameOf: (recipient: string) => string): Pass => {
      const sizes = { slots: channel.limit, slow: channel.slow, mostOfOne, shared: controls.shared, remote: channel === remote }
      return new Pass(channel, this.deliveries[channel.name], this, jobs, fresh, new Shares(sizes, nameOf))
    }
    this.passes = new Passes({
      local: pass(local, 0, (recipient) => users.nameOf(recipient)),
      remote: pass(remote, controls.concurrencyPerHost, destinationOf),
    })
    const intake = new Intake(this, jobs, fresh, this.finish)
    this.todo = new Todo(this, { bounces: this.bounces, keepsSpares, ready: (id, message) => intake.take(id, message) })
    this.sweep = new Sweep(this)
  }

  get beingTried(): number {
    return this.passes.beingTried
  }

  tryFirst(channel: ChannelName, attempt: FirstTry): boolean {
    return !this.leaving && this.passes.tryFirst(channel, attempt)
  }

  #tellOperator(what: string): void {
    this.log.line(what)
    void tellPostmaster(what, this.controls).then((isQueued) => {
      if (isQueued) return
      this.log.warning('unable to tell postmaster of it')
      this.wake()
    })
  }

  /** A message that was held goes on, and so does its login. */
  #letGo(id: MessageId): void {
    try {
      this.heldLogins.letGo(readInfo(id).facts.ofMessage.message)
    } catch {
      // its pass will say so
    }
  }

  #deliveriesOf(channel: Channel): Deliveries {
    return new Deliveries(channel, ends[channel.name], this, () => ++this.#deliveryNumbers)
  }
}
