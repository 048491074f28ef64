/**
 * The one scheduler: gives each part of send its turn.
 *
 * Whatever happens asks for a turn: a report, an answer of clean, a finished sync, the trigger, a signal, the clock.
 * One turn serves all that has happened by then. todo/ gets a few messages begun, each channel starts what is due, and
 * messages that are done are finished. Then the log is written, and each program gets its commands in one write.
 * Nothing in a turn waits.
 */
import { utimesSync } from 'node:fs'
import { StopTime } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { stopMarginSeconds } from '@yabumi/limits'
import { queuePath } from '@yabumi/queuedir'
import { rereadRouting } from './controls.ts'
import { both } from './keep/channel.ts'
import { logStatus } from './shared.ts'
import type { Start } from './startup.ts'
import { longestSleepSeconds } from './timers.ts'
import { Wiring } from './wiring.ts'

/** lspawn has one, and then its last reports come. */
const margins = 3

export class Scheduler {
  readonly #stopTime: StopTime
  readonly #parts: Wiring
  #turnAsked = false
  #timer: NodeJS.Timeout | undefined
  readonly #left = Promise.withResolvers<void>()

  constructor(start: Start) {
    this.#stopTime = new StopTime((line) => start.log.warning(line))
    this.#parts = new Wiring(start, { wake: () => this.#wake(), lose: (program) => this.#lose(program) })
  }

  /** Take in the queue and work until told to leave, or until a program is lost. */
  async run(): Promise<void> {
    const { stock, sweep } = this.#parts
    await Promise.race([stock.load(nowSeconds()), this.#left.promise]) // who is told to leave does not wait for a directory that cannot be opened
    if (Number.isFinite(this.#parts.retriedAt)) this.retryAll() // for what was not taken in yet
    if (!this.#parts.leaving) {
      logStatus(this.#parts)
      sweep.start()
    }
    this.#wake()
    await this.#left.promise
  }

  /** Start nothing more; run() returns when what is under way has ended, or has taken longer than control/stoptime. */
  leave(): void {
    if (this.#parts.leaving) return
    this.#parts.leaving = true
    for (const deliveries of both(this.#parts.deliveries)) deliveries.finish()
    setTimeout(() => this.cut(), (this.#stopTime.seconds + margins * stopMarginSeconds) * 1000)
    this.#parts.sweep.stop()
    this.#parts.passes.giveUp()
    this.#wake()
  }

  /** Leave at once. Deliveries without a report are made again at the next start, as after a crash. */
  cut(): void {
    this.#end()
  }

  /** Every message is due now that is not held. */
  retryAll(): void {
    const now = nowSeconds()
    this.#parts.retriedAt = performance.now()
    for (const { heap } of both(this.#parts.channels)) heap.setAll(now)
    this.#wake()
  }

  /** Read control/locals and control/virtualdomains again. */
  reroute(): void {
    this.#parts.routing = rereadRouting(this.#parts.routing, this.#parts.log)
    this.#wake()
  }

  /** An administrator asks something of messages in the queue. */
  lookForRequests(): void {
    this.#parts.requests.look()
  }

  #lose(program: 'spawn' | 'qmail-clean'): void {
    this.#parts.log.alert(`oh no! lost ${program} connection! dying...`)
    this.leave()
  }

  #wake(): void {
    if (this.#turnAsked) return
    this.#turnAsked = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    const { leaving, log, deliveries, cleaner } = this.#parts
    this.#turnAsked = false
    const more = !leaving && this.#advance(nowSeconds())
    log.flush()
    for (const one of both(deliveries)) one.flush()
    cleaner.flush()
    if (this.#parts.leaving && this.#pending === 0) this.#end()
    else if (more) this.#wake()
    else this.#sleep()
  }

  /** @returns whether there is more to do in the next turn */
  #advance(now: number): boolean {
    const { futureTimes, requests, todo, passes, stock, finish } = this.#parts
    if (futureTimes.wasSetBack) this.#turnBack(now)
    let more = requests.advance(now)
    more = todo.advance(now) || more
    more = passes.advance(now) || more
    stock.advance(now)
    return finish.advance(now) || more
  }

  /** The clock was set back. */
  #turnBack(now: number): void {
    const { channels, futureTimes, todo, stock, finish } = this.#parts
    for (const channel of both(channels)) futureTimes.review(channel, now)
    for (const heap of [finish.heap, stock.failed]) heap.setAll(now)
    todo.rescan()
  }

  /** What is under way and will end by itself. */
  get #pending(): number {
    const { deliveries, todo, beingTried, bounceFiles, bounces, cleaner } = this.#parts
    const preprocessed = todo.pending - beingTried // who is being tried counts as a delivery
    const work = deliveries.local.pending + deliveries.remote.pending + preprocessed
    return work + bounceFiles.pending + bounces.pending + cleaner.pending
  }

  /** Until something happens, or the next message is due. What is due already waits for something to happen. */
  #sleep(): void {
    clearTimeout(this.#timer)
    const { channels, todo, passes, stock, finish } = this.#parts
    const now = Date.now()
    let wakeAt = now + longestSleepSeconds * 1000
    const heaps = [channels.local.heap, channels.remote.heap, finish.heap, stock.failed]
    for (const due of [todo.nextRun, ...passes.nextDue, ...heaps.map(({ nextDue }) => nextDue)]) {
      if (due * 1000 > now) wakeAt = Math.min(wakeAt, due * 1000)
    }
    wakeAt = Math.min(wakeAt, now + passes.settlesIn)
    this.#timer = setTimeout(() => this.#wake(), wakeAt - now)
  }

  /** The next attempts go into the mtimes of the channel files, where the next start finds them. */
  #end(): void {
    const { channels, lateSyncs, log } = this.#parts
    for (const channel of both(channels)) {
      for (const [id, due] of channel.heap.entries()) {
        const file = queuePath(channel.name, id)
        try {
          utimesSync(`queue/${file}`, due, due)
        } catch {
          log.warning(`unable to utime ${file}; message will be retried too soon`)
        }
      }
    }
    lateSyncs.finish()
    log.line('status: exiting')
    log.flush()
    this.#left.resolve()
  }
}
