/**
 * When a message is tried: at ages that are squares; and the marks by which an administrator changes that.
 *
 * The mtime of a channel file, local/S/N or remote/S/N, is the time of its next attempt whenever no send runs (spec
 * §1.2). So a time far ahead holds the message, for qmail's send as well as for ours, from the next start on. A send of
 * ours that runs looks for marks when it gets URG, which no other program minds; it answers by another mtime. Seconds
 * since 1970 throughout.
 */

/** The two ways out, by the names of their directories in queue/. */
export type ChannelName = 'local' | 'remote'

/** By how much the root of a message's age grows between two attempts. */
export const skip: Readonly<Record<ChannelName, number>> = { local: 10, remote: 20 }
const longestRoot = 65_535

/**
 * The next attempt after one made at `now` (spec §2.5.3): the roots of the ages are 10 apart for local ones, 20 for remote
 * ones. A remote message that fails promptly is tried at the ages 0, 400, 1600, 3600 ... seconds.
 */
export function nextRetry(birth: number, now: number, channel: ChannelName): number {
  const age = Math.max(0, now - birth)
  const root = Math.min(longestRoot, Math.floor(Math.sqrt(age))) + skip[channel]
  return birth + root * root
}

/** The argument by which start tells send that ALRM has come before it was send: every message is due that is not held. */
export const retryAll = '--retry-all'

/** The message is held: no attempt before this, and send knows. The last second that a 32-bit time takes. */
export const heldUntil = 2_147_483_647
/** Asks to hold it. Answered by heldUntil, once no delivery of it is under way. */
export const holdAsked = 2_147_483_646
/** Asks to try it now. Answered by the time at which send has taken that in. */
export const retryAsked = 1

/** Whether a channel file's mtime says that the message is held, or is to be. */
export function isHeld(mtime: number): boolean {
  return mtime >= holdAsked
}

/** What mtime asks for: when to try the message, or undefined if it asks for nothing. @param now - for "now" */
export function askedTime(mtime: number, now: number): number | undefined {
  if (isHeld(mtime)) return heldUntil
  return mtime <= retryAsked ? now : undefined
}
