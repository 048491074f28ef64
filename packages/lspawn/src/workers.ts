/**
 * The resident workers: one for each account and home, started at its first delivery and let go when it has had none for
 * a while, or when others need the room.
 */
import type { Readable } from 'node:stream'
import { localWorkerIdleSeconds, localWorkers } from '@yabumi/limits'
import type { ForeignLines } from '@yabumi/logline'
import type { User } from '@yabumi/users'
import { type Ended, type Rights, Worker } from './worker.ts'

interface Place {
  readonly worker: Worker
  idleTimer: NodeJS.Timeout | undefined
}

/** How many workers are kept, and for how long without a delivery. */
export interface WorkerLimits {
  readonly most: number
  readonly idleSeconds: number
}

const patienceMilliseconds = 2_000 // for a worker that has nothing to do any more

export class Workers {
  /** The one used last comes last. */
  readonly #places = new Map<string, Place>()
  readonly #processes = new Set<Promise<void>>()
  readonly #givesRights: boolean
  readonly #log: ForeignLines
  readonly #limits: WorkerLimits

  /**
   * @param givesRights - whether this process may give its workers the rights of their users
   * @param log - what they complain of
   */
  constructor(givesRights: boolean, log: ForeignLines, limits: WorkerLimits = { most: localWorkers, idleSeconds: localWorkerIdleSeconds }) {
    this.#givesRights = givesRights
    this.#log = log
    this.#limits = limits
  }

  /** Workers that may be given deliveries. */
  get size(): number {
    return this.#places.size
  }

  /**
   * Have a user's worker deliver a message.
   *
   * @param args - local's eight arguments
   * @throws the system's error if a worker is needed and cannot be started
   */
  deliver(user: User, args: readonly string[], fd: number, ended: Ended): void {
    const key = `${user.uid} ${user.gid} ${user.user} ${user.home}`
    const place = this.#places.get(key) ?? this.#start(user)
    clearTimeout(place.idleTimer)
    this.#places.delete(key)
    this.#places.set(key, place)
    place.worker.deliver(args, fd, (ending, written) => {
      ended(ending, written)
      if (place.worker.busy === 0) this.#wait(key, place)
    })
  }

  /** Let all of them go, and wait for their ends. There must be no deliveries any more. */
  async dismissAll(): Promise<void> {
    for (const [key, place] of this.#places) this.#dismiss(key, place)
    await Promise.all(this.#processes)
  }

  #start({ uid, gid }: User): Place {
    this.#makeRoom()
    const rights: Rights | undefined = this.#givesRights ? { uid, gid } : undefined
    const hear = (complaints: Readable): void => void this.#log.passOn(complaints, `lspawn: uid ${uid}`)
    const place: Place = { worker: new Worker(rights, hear), idleTimer: undefined }
    const process = place.worker.ended.then(() => {
      this.#processes.delete(process)
      clearTimeout(place.idleTimer)
      for (const [key, other] of this.#places) if (other === place) this.#places.delete(key)
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
