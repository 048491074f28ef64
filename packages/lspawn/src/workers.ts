/**
 * The resident workers: one for each account and home, started at its first delivery and let go when it has had none for
 * a while, or when others need the room.
 */
import type { Readable } from 'node:stream'
import { localWorkerIdleSeconds, localWorkerSilenceSeconds, localWorkers } from '@yabumi/limits'
import { ForeignLines } from '@yabumi/logline'
import type { User } from '@yabumi/users'
import { type Ended, type Rights, Worker } from './worker.ts'

interface Place {
  readonly user: User
  readonly worker: Worker
  idleTimer: NodeJS.Timeout | undefined
}

export interface WorkerLimits {
  /** How many are kept, */
  readonly most: number
  /** and for how long without a delivery. */
  readonly idleSeconds: number
  /** How long one that has deliveries may say nothing before it is asked, and then before it is given up. */
  readonly silenceSeconds: number
}

const defaultLimits: WorkerLimits = {
  most: localWorkers,
  idleSeconds: localWorkerIdleSeconds,
  silenceSeconds: localWorkerSilenceSeconds,
}

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

  /**
   * @param log - is told what they complain of, and which of them is stuck
   */
  constructor(log: (line: string) => void, limits: WorkerLimits = defaultLimits) {
    this.#log = log
    this.#complaints = new ForeignLines(log)
    this.#limits = limits
    setInterval(() => this.#watch(), (limits.silenceSeconds * 1000) / 4).unref()
  }

  /** Workers that may be given deliveries. */
  get size(): number {
    return this.#places.size
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
  deliver(user: User, rights: Rights | undefined, args: readonly string[], fd: number, ended: Ended): void {
    const key = keyOf(user)
    if (this.#stuck.has(key)) {
      ended('silent', isSilent(user))
      return
    }
    const place = this.#places.get(key) ?? this.#start(user, rights)
    clearTimeout(place.idleTimer)
    this.#places.delete(key)
    this.#places.set(key, place)
    place.worker.deliver(args, fd, (ending, written) => {
      ended(ending, ending === 'silent' ? isSilent(user) : written)
      if (place.worker.busy === 0) this.#wait(key, place)
    })
  }

  /** Let all of them go, and wait for their ends. There must be no deliveries any more. */
  async dismissAll(): Promise<void> {
    for (const [key, place] of this.#places) this.#dismiss(key, place)
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 2 * patienceMilliseconds))
    await Promise.race([Promise.all(this.#processes), patience]) // one that hangs in the kernel heeds no signal
  }

  #start(user: User, rights: Rights | undefined): Place {
    this.#makeRoom()
    const hear = (complaints: Readable): void => void this.#complaints.passOn(complaints, `lspawn: uid ${user.uid}`)
    const place: Place = { user, worker: new Worker(rights, hear), idleTimer: undefined }
    const process = place.worker.ended.then(() => {
      this.#processes.delete(process)
      clearTimeout(place.idleTimer)
      for (const [key, other] of this.#places) if (other === place) this.#places.delete(key)
      this.#stuck.delete(keyOf(user))
    })
    this.#processes.add(process)
    return place
  }

  /** The idle one used longest ago goes first; busy ones stay, of which there are never more than deliveries. */
  #makeRoom(): void {
    if (this.#places.size < this.#limits.most) return
    for (const [key, place] of this.#places) {
      if (place.worker.busy > 0) continue
      this.#dismiss(key, place)
      return
    }
  }

  #watch(): void {
    for (const [key, { worker, user }] of this.#places) {
      if (!worker.watch(this.#limits.silenceSeconds)) continue
      this.#places.delete(key)
      this.#stuck.add(key)
      this.#log(`lspawn: uid ${user.uid}: the worker for ${user.home} does not answer; its mail waits`)
    }
  }

  #wait(key: string, place: Place): void {
    clearTimeout(place.idleTimer)
    place.idleTimer = setTimeout(() => this.#dismiss(key, place), this.#limits.idleSeconds * 1000)
  }

  #dismiss(key: string, place: Place): void {
    clearTimeout(place.idleTimer)
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
