/**
 * Logins whose mail goes to too many addresses that do not exist (control/bouncehold, docs/interfaces/submission.md): a
 * stolen password shows like that. What such a login has sent waits, and what it sends, until the operator lets go of
 * one of its messages.
 *
 * Crash  forgets counts, and who is held; the messages that wait stay held by their files
 */
import { decodeXtext, type FactMap } from '@yabumi/facts'
import { bounceHoldRecipients, bounceHoldSeconds, watchedLogins } from '@yabumi/limits'
import { logSafe } from '@yabumi/logline'
import type { Verdict } from './attempt.ts'

interface Count {
  /** As performance.now(). */
  readonly until: number
  recipients: number
  unknown: number
}

/** What our programs say of an address that does not exist, and what other hosts do (RFC 3463 §3.2). */
const unknownAddress = /(?:#|\b5[0-9][0-9][ -])5\.1\.1\b/

export class HeldLogins {
  readonly #percent: number
  readonly #reached: (line: string) => void
  /** By login in its queued form, the one that began longest ago first. */
  readonly #counts = new Map<string, Count>()
  readonly #held = new Set<string>()

  /**
   * @param percent - of a login's recipients within an hour, above which it is held; 0: never
   * @param reached - told in a line, once a login
   */
  constructor(percent: number, reached: (line: string) => void) {
    this.#percent = percent
    this.#reached = reached
  }

  /** Whether a message with these facts has to wait. */
  holds(facts: FactMap): boolean {
    if (this.#held.size === 0) return false
    const login = facts.get('AUTH')
    return login !== undefined && this.#held.has(login)
  }

  /** A delivery of a message with these facts has ended. @param report - without its letter */
  note(facts: FactMap, verdict: Verdict, report: string): void {
    const login = this.#percent === 0 ? undefined : facts.get('AUTH')
    if (login === undefined || this.#held.has(login) || (verdict !== 'success' && verdict !== 'failure')) return
    const count = this.#countOf(login)
    count.recipients += 1
    if (verdict === 'failure' && unknownAddress.test(report)) count.unknown += 1
    if (count.recipients < bounceHoldRecipients || 100 * count.unknown <= this.#percent * count.recipients) return
    this.#counts.delete(login)
    this.#held.add(login)
    const { unknown, recipients } = count
    this.#reached(`user ${logSafe(decodeXtext(login))} is held: ${unknown} of ${recipients} recipients within an hour do not exist`)
  }

  /** The operator has let go of a message with these facts: its login is counted anew. */
  letGo(facts: FactMap): void {
    const login = facts.get('AUTH')
    if (login !== undefined) this.#held.delete(login)
  }

  #countOf(login: string): Count {
    const now = performance.now()
    const old = this.#counts.get(login)
    if (old !== undefined && now < old.until) return old
    this.#counts.delete(login)
    const [oldest] = this.#counts.size < watchedLogins ? [] : this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
    const fresh = { until: now + 1000 * bounceHoldSeconds, recipients: 0, unknown: 0 }
    this.#counts.set(login, fresh)
    return fresh
  }
}
