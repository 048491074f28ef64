/** The Received line on top of every message: who queued it, by the uid that the kernel vouches for (spec §2.1). */
import { headerDate, nowSeconds } from '@yabumi/dates'
import type { Speaker } from '@yabumi/facts'
import { uidOf } from '@yabumi/home'

/** The accounts that have a role in this home. In a single-user home they are all the same, and nobody has one. */
export interface Roles {
  readonly queue: number
  readonly send: number
  readonly alias: number
  readonly smtp: number
  readonly submit: number
}

/** What this home says, or undefined for a part that is missing: then nobody has its role. */
export function rolesOf(home: string): Roles {
  const found = (role: keyof Roles): number => find(role, home)
  return { queue: found('queue'), send: found('send'), alias: found('alias'), smtp: found('smtp'), submit: found('submit') }
}

function find(role: keyof Roles, home: string): number {
  try {
    return uidOf(role, home)
  } catch {
    return -1
  }
}

/**
 * The WHO of `invoked WHO`.
 *
 * @param claim - the role that the peer of the socket says it speaks for; believed from root and the queue account,
 *   `network` from the accounts of smtpd and submission and `bounce` from send's as well
 */
export function submitter(uid: number, roles: Roles, claim?: 'network' | 'bounce'): string {
  const trusted = uid === 0 || uid === roles.queue
  if (claim === 'network' && (trusted || uid === roles.smtp || uid === roles.submit)) return 'from network'
  if (claim === 'bounce' && (trusted || uid === roles.send)) return 'for bounce'
  if (uid === roles.queue) return `by uid ${uid}` // a single user has every role at once
  if (uid === roles.alias) return 'by alias'
  if (uid === roles.send) return 'for bounce'
  if ((uid === roles.smtp || uid === roles.submit) && uid !== 0) return 'from network' // smtpd/ is root's where only parts of the home have got accounts
  return `by uid ${uid}`
}

/** Whose word on facts an account has. */
export function speakerOf(uid: number, roles: Roles): Speaker {
  const trusted = uid === 0 || uid === roles.queue
  return { submits: trusted || uid === roles.submit, isSmtpd: trusted || uid === roles.smtp }
}

/** `Received: (qmail 457 invoked by uid 1000); 2 Jun 2026 12:00:00 -0000` and a line end. */
export function receivedLine(number: string, who: string): string {
  return `Received: (qmail ${number} invoked ${who}); ${headerDate(nowSeconds())}\n`
}
