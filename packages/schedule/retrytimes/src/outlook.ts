/** When a message is tried next, as far as can be told from outside send. */
import { type ChannelName, isHeld, nextRetry, skip } from './times.ts'

export interface Outlook {
  /** Seconds since 1970. */
  readonly next: readonly number[]
  /** What the times are known by: the file (no send runs), the last attempt in the log, the rule alone; or it is held. */
  readonly by: 'file' | 'log' | 'rule' | 'held'
}

const shown = 3

export interface Known {
  readonly channel: ChannelName
  readonly birth: number
  /** mtime of the channel file. */
  readonly fileTime: number
  readonly sendRuns: boolean
  /** When the last attempt ended, if the log says so. */
  readonly lastAttempt: number | undefined
}

export function outlookOf({ channel, birth, fileTime, sendRuns, lastAttempt }: Known, now: number): Outlook {
  if (isHeld(fileTime)) return { next: [], by: 'held' }
  const following = (first: number): number[] => {
    const times = [first]
    while (times.length < shown) times.push(nextRetry(birth, times.at(-1) as number, channel))
    return times
  }
  if (!sendRuns) return { next: following(fileTime), by: 'file' }
  const afterLast = lastAttempt === undefined ? 0 : nextRetry(birth, lastAttempt, channel)
  if (afterLast > now) return { next: following(afterLast), by: 'log' }
  const root = (Math.floor(Math.sqrt(Math.max(0, now - birth)) / skip[channel]) + 1) * skip[channel]
  return { next: following(birth + root * root), by: 'rule' }
}
