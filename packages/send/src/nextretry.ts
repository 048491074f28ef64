/**
 * When a message is tried again: at ages that are squares, 10 apart in their roots for local ones, 20 for remote ones
 * (spec §2.5.3). A remote message that fails promptly is tried at the ages 0, 400, 1600, 3600 ... seconds.
 */
import type { ChannelNumber } from './rewrite.ts'

const skip = [10, 20] as const
const longestRoot = 65_535

/** @returns the time of the next attempt, in seconds since 1970, for an attempt made at `now` */
export function nextRetry(birth: number, now: number, channel: ChannelNumber): number {
  const age = Math.max(0, now - birth)
  const root = Math.min(longestRoot, Math.floor(Math.sqrt(age))) + skip[channel]
  return birth + root * root
}
