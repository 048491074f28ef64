/**
 * The connections to the socket, by account. Each has a share, accounts of users have half of all places together, and
 * the rest is for the accounts of the system. So no user keeps mail from coming in.
 *
 * When the users' half is taken, a client that rests gives way, one of the account that has most.
 */
import { readFileSync } from 'node:fs'
import { queueConnections, queueConnectionsPerAccount, queueUserShare, queueUsersShare } from '@yabumi/limits'
import { type Bound, Places } from '@yabumi/places'

/** Descriptors for everything but connections. */
const spareDescriptors = 64
/** A connection, and the files of the message that comes in over it. */
const perConnection = 3

export interface Guest {
  /** End it if no message is under way. @returns whether it has */
  giveWay(): boolean
}

export class Crowd {
  readonly #places = new Places<Guest>((guest) => guest.giveWay())
  readonly #most = Math.min(queueConnections, affordableConnections())
  readonly #isOfSystem: (uid: number) => boolean

  /** @param isOfSystem - whether an account is root or one of the home's own */
  constructor(isOfSystem: (uid: number) => boolean) {
    this.#isOfSystem = isOfSystem
  }

  /** @returns undefined if the guest has a place; else what is full, in words */
  admit(guest: Guest, uid: number): string | undefined {
    const bound = this.#places.admit(guest, String(uid), this.#boundsOf(uid))
    return bound && `uid ${uid}: refused, ${bound.most} connections ${bound.key} are the limit`
  }

  leave(guest: Guest): void {
    this.#places.leave(guest)
  }

  #boundsOf(uid: number): readonly Bound[] {
    const all = { key: 'of all accounts', most: this.#most, yields: true }
    const own = `of uid ${uid}`
    if (this.#isOfSystem(uid)) return [{ key: own, most: queueConnectionsPerAccount, yields: true }, all]
    const ofUser = { key: own, most: Math.ceil(this.#most * queueUserShare), yields: true }
    return [ofUser, { key: 'of users', most: Math.ceil(this.#most * queueUsersShare), yields: true }, all]
  }
}

/** How many the limit on open files allows (`ulimit -n`; Node raises the soft limit to the hard one). */
function affordableConnections(): number {
  const [, openFiles] = /^Max open files\s+([0-9]+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
  return openFiles === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(4, Math.floor((Number(openFiles) - spareDescriptors) / perConnection))
}
