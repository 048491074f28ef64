/**
 * The resident workers, one for each account and home. A worker is started at its first delivery. It is let go when it
 * has had none for a while, when others need the memory, or when the machine has little left.
 */
import type { Readable } from 'node:stream'
import type { Rights } from '@yabumi/child'
import { ForeignLines } from '@yabumi/logline'
import type { Content } from '@yabumi/spawnprotocol'
import type { User } from '@yabumi/users'
import { memoryIsShort, memoryOf } from './memory.ts'
import { type Ended, Worker } from './worker.ts'

interface Place {
  readonly user: User
  readonly worker: Worker
  /** Since when it has had no deliveries; undefined if it has some. */
  idleSince: number | undefined
  /** Whether it was told to leave the home meanwhile. */
  rests: boolean
  /** As measured last. */
  megabytes: number | undefined
  measured: number
  /** Whether it is let go as soon as it has no deliveries. */
  leaves: boolean
}

/** Asked for whenever they matter, so they may be getters. */
export interface WorkerLimits {
  /** How much memory all of them have (PSS), as far as idle ones can be let go for it. */
  readonly megabytes: number
  /** How long one is kept without a delivery. */
  readonly idleSeconds: number
  /** How long one that has deliveries may say nothing before it is asked, and then before it is given up. */
  readonly silenceSeconds: number
}

const firstGuessMegabytes = 20 // of a worker, before one was measured
const measureMilliseconds = 300_000 // it changes slowly, and a look costs more than a delivery
const tendMilliseconds = 500
const restMilliseconds = 5_000 // without a delivery: to wake a worker costs as much as half of one
const patienceMilliseconds = 2_000 // for a worker that has nothing to do any more

export class Workers {
  /** The one used last comes last. */
  readonly #places = new Map<string, Place>()
  readonly #processes = new Set<Promise<void>>()
  /** Those that were given up and whose process has not ended: it hangs in the kernel. Another one would hang beside it. */
  readonly #stuck = new Set<string>()
  readonly #log: (line: string) => void
  readonly #complaints: ForeignLines
  readonly #limits: WorkerLimits
  #tending: NodeJS.Timeout | undefined

  /**
   * @param log - is told what they complain of, which of them is stuck, and when memory is short
   */
  constructor(log: (line: string) => void, limits: WorkerLimits) {
    this.#log = log
    this.#complaints = new ForeignLines(log)
    this.#limits = limits
    setInterval(() => this.#watch(), (limits.silenceSeconds * 1000) / 4).unref()
  }

  /** Workers that may be given deliveries. */
  get size(): number {
    return this.#places.size
  }

  /** What they have together; one that was not measured yet counts as much as the others on average. */
  get megabytes(): number {
    return this.#average * this.#places.size
  }

  get #average(): number {
    const known = [...this.#places.values()].flatMap(({ megabytes }) => megabytes ?? [])
    return known.length === 0 ? firstGuessMegabytes : known.reduce((sum, each) => sum + each, 0) / known.length
  }

  /** Whether a user has one. */
  has(user: User): boolean {
    return this.#places.has(keyOf(user))
  }

  /**
   * Have a user's worker deliver a message.
   *
   * @param rights - for a worker that must be started
   * @param args - local's eight arguments
   * @throws the system's error if a worker is needed and cannot be started
   */
  deliver(user: User, rights: Rights | undefined, args: readonly string[], content: Content, ended: Ended): void {
    const key = keyOf(user)
    if (this.#stuck.has(key)) {
      ended('silent', isSilent(user))
      return
    }
    const place = this.#places.get(key) ?? this.#start(user, rights)
    place.idleSince = undefined
    this.#places.delete(key)
    this.#places.set(key, place)
    place.worker.deliver(args, content, (ending, written) => {
      ended(ending, ending === 'silent' ? isSilent(user) : written)
      if (place.worker.busy === 0) this.#rest(key, place)
    })
  }

  /** Let each one go as soon as it has no deliveries: their accounts are wanted, to be changed or removed. */
  leaveSoon(): void {
    for (const place of this.#places.values()) place.leaves = true
    this.#dismissIdle()
  }

  /** Tell those with deliveries that these must end: users' programs hear TERM. */
  finish(): void {
    for (const { worker } of this.#places.values()) worker.finish()
  }

  /** End all of them; their deliveries end as after a crash. */
  kill(): void {
    for (const { worker } of this.#places.values()) worker.kill()
  }

  /** Let all of them go, and wait for their ends. There must be no deliveries any more. */
  async dismissAll(): Promise<void> {
    for (const [key, place] of this.#places) this.#dismiss(key, place)
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 2 * patienceMilliseconds))
    await Promise.race([Promise.all(this.#processes), patience]) // one that hangs in the kernel heeds no signal
  }

  #start(user: User, rights: Rights | undefined): Place {
    this.#makeRoom(this.#average)
    const hear = (complaints: Readable): void => void this.#complaints.passOn(complaints, `lspawn: uid ${user.uid}`)
    const place: Place = {
      user,
      worker: new Worker(rights, hear),
      idleSince: undefined,
      rests: false,
      megabytes: undefined,
      measured: Number.NEGATIVE_INFINITY,
      leaves: false,
    }
    const process = place.worker.ended.then(() => {
      this.#processes.delete(process)
      for (const [key, other] of this.#places) if (other === place) this.#places.delete(key)
      this.#stuck.delete(keyOf(user))
    })
    this.#processes.add(process)
    this.#tending ??= setInterval(() => this.#tend(), tendMilliseconds).unref()
    return place
  }

  /** Idle ones go until there is room for so much more, the one used longest ago first; busy ones stay, of which there are never more than deliveries. */
  #makeRoom(megabytes: number): void {
    for (const [key, place] of this.#places) {
      if (this.megabytes + megabytes <= this.#limits.megabytes) return
      if (place.worker.busy === 0) this.#dismiss(key, place)
    }
  }

  /** @returns how many */
  #dismissIdle(): number {
    const idle = [...this.#places].filter(([, { worker }]) => worker.busy === 0)
    for (const [key, place] of idle) this.#dismiss(key, place)
    return idle.length
  }

  #watch(): void {
    for (const [key, { worker, user }] of this.#places) {
      if (!worker.watch(this.#limits.silenceSeconds)) continue
      this.#places.delete(key)
      this.#stuck.add(key)
      this.#log(`lspawn: uid ${user.uid}: the worker for ${user.home} does not answer; its mail waits`)
    }
    if (this.#places.size > 0 && memoryIsShort() && this.#dismissIdle() > 0) this.#log('lspawn: memory is short: idle workers leave')
  }

  /** It has nothing to do: it stays for a while. */
  #rest(key: string, place: Place): void {
    if (place.leaves || this.#limits.idleSeconds === 0) {
      this.#dismiss(key, place)
      return
    }
    const now = performance.now()
    place.idleSince = now
    place.rests = false
    if (now - place.measured < measureMilliseconds) return
    place.measured = now
    void memoryOf(place.worker.pid).then((megabytes) => {
      place.megabytes = megabytes
      this.#makeRoom(0)
    })
  }

  /** Those that have nothing to do leave the home, and then altogether. One timer for all: a delivery costs none. */
  #tend(): void {
    const now = performance.now()
    for (const [key, place] of this.#places) {
      if (place.idleSince === undefined) continue
      const idle = now - place.idleSince
      if (idle >= this.#limits.idleSeconds * 1000) this.#dismiss(key, place)
      else if (idle >= restMilliseconds && !place.rests) {
        place.rests = true
        place.worker.rest()
      }
    }
    if (this.#places.size > 0) return
    clearInterval(this.#tending)
    this.#tending = undefined
  }

  #dismiss(key: string, place: Place): void {
    if (this.#places.get(key) === place) this.#places.delete(key)
    place.worker.dismiss(patienceMilliseconds)
  }
}

function isSilent({ home }: User): string {
  return `Delivery in ${home} does not come to an end; its file system may not answer. (#4.3.0)\n`
}

function keyOf({ uid, gid, user, home }: User): string {
  return `${uid} ${gid} ${user} ${home}`
}
