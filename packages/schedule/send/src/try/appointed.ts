/** Times that a message's sender has appointed: not before, and by when (RFC 4865, RFC 2852). Seconds since 1970. */
import type { FactMap } from '@yabumi/facts'

/** The message may not leave before. 0: it may at once. */
export function heldUntil(facts: FactMap): number {
  return Number(facts.get('HOLD') ?? 0)
}

/** At that time the message is to come back, if it has not been delivered. */
export function returnsAt(facts: FactMap): number {
  const [seconds = '', mode = ''] = facts.get('BY')?.split(';') ?? []
  return mode.startsWith('R') ? Number(seconds) : Number.POSITIVE_INFINITY
}

/** What is urgent counts as due for so long. */
const urgentSeconds = 2_592_000

/** When a message that has come now is due: one that is urgent goes before those that wait (RFC 6710 §5). */
export function firstDue(facts: FactMap, now: number): number {
  return Number(facts.get('PRIORITY') ?? 0) > 0 ? now - urgentSeconds : now
}
