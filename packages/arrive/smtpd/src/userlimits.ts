/**
 * How much each login may send (control/userlimits): messages and recipients within periods. Whoever reaches a limit is
 * put off, and the operator is told once a period: that is how a stolen password shows.
 *
 * Crash  forgets the last seconds (sentcounts.ts)
 */
import { LastGood, readList } from '@yabumi/control'
import { logSafe } from '@yabumi/logline'
import { domainsOf, KnownDomains } from './knowndomains.ts'
import { SentCounts } from './sentcounts.ts'

/** `200/500/1h`: so many messages and recipients within so long. */
interface Limit {
  readonly messages: number
  readonly recipients: number
  readonly period: string
  readonly milliseconds: number
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const day = units.d ?? 0
const mostNewDomains = 1_000_000

export class UserLimits {
  readonly #tell: (line: string) => void
  readonly #reached: (line: string) => void
  readonly #counts: SentCounts
  readonly #domains: KnownDomains
  /** Domains that a login may write to for the first time within a day; 0: any number. */
  readonly #newDomains: LastGood
  /** Undefined until there is a good reading: nobody may send as much as they like because of a slip in the file. */
  #good: ReadonlyMap<string, readonly Limit[]> | undefined

  /**
   * @param tell - told of what is wrong with a file
   * @param reached - told when somebody reaches a limit, once a period
   */
  constructor(tell: (line: string) => void, reached: (line: string) => void) {
    this.#tell = tell
    this.#reached = reached
    this.#counts = new SentCounts(tell)
    this.#domains = new KnownDomains(tell)
    this.#newDomains = new LastGood('newdomains', { otherwise: 0, largest: mostNewDomains }, tell)
    this.reread()
  }

  /** A line that is none leaves the last good reading, and without one nobody is admitted. */
  reread(): void {
    try {
      this.#good = limitsIn(readList('userlimits') ?? [])
    } catch (error) {
      const until = this.#good === undefined ? 'nobody may send until that is put right' : 'the last good reading still counts'
      this.#tell(`${error instanceof Error ? error.message : String(error)}; ${until}`)
    }
  }

  /** Write down what was counted: this process ends. */
  save(): void {
    this.#counts.save()
    this.#domains.save()
  }

  /**
   * Count a message.
   *
   * @param now - milliseconds of Unix time
   * @returns whether it may be sent now; else it is not counted
   */
  admits(login: string, recipients: readonly string[], now: number): boolean {
    if (this.#good === undefined) return false
    const limits = this.#good.get(login) ?? this.#good.get('*') ?? []
    const counts = limits.map(({ period, milliseconds }) => this.#counts.of(login, period, milliseconds, now))
    for (const [index, limit] of limits.entries()) {
      const count = counts[index]
      if (count === undefined || (count.messages < limit.messages && count.recipients + recipients.length <= limit.recipients)) continue
      count.refused += 1
      const what = count.messages < limit.messages ? `${limit.recipients} recipients` : `${limit.messages} messages`
      if (count.refused === 1) this.#reached(`user ${logSafe(login)} reached ${what} in ${limit.period}: more is put off`)
      return false
    }
    if (!this.#admitsDomains(login, recipients, now)) return false
    for (const count of counts) {
      count.messages += 1
      count.recipients += recipients.length
    }
    return true
  }

  /** @returns whether so many new ones may be written to today; they are known from now on */
  #admitsDomains(login: string, recipients: readonly string[], now: number): boolean {
    const most = this.#newDomains.value
    if (most === 0) return true
    const fresh = this.#domains.newOf(login, domainsOf(recipients))
    if (fresh.length === 0) return true
    const count = this.#counts.of(login, 'new', day, now)
    if (count.recipients + fresh.length > most) {
      count.refused += 1
      if (count.refused === 1) this.#reached(`user ${logSafe(login)} reached ${most} new domains in 1d: more is put off`)
      return false
    }
    count.recipients += fresh.length
    this.#domains.add(login, fresh)
    return true
  }
}

/** `LOGIN:200/500/1h 1000/3000/1d` lines, `*` for all others. @throws Error that names the line */
function limitsIn(lines: readonly string[]): Map<string, readonly Limit[]> {
  const limits = new Map<string, readonly Limit[]>()
  for (const [index, line] of lines.entries()) {
    const [, login = '', text = ''] = /^([^:\s]+):\s*(\S.*)$/.exec(line) ?? []
    const parsed = text.split(/\s+/).map(limitOf)
    if (parsed.some((limit) => limit === undefined))
      throw new Error(`control/userlimits: entry ${index + 1}: not LOGIN:MESSAGES/RECIPIENTS/PERIOD`)
    limits.set(
      login,
      parsed.filter((limit) => limit !== undefined),
    )
  }
  return limits
}

function limitOf(text: string): Limit | undefined {
  const [, messages, recipients, count, unit = ''] = /^(\d{1,9})\/(\d{1,9})\/([1-9]\d{0,4})([smhd])$/.exec(text) ?? []
  const milliseconds = Number(count) * (units[unit] ?? 0)
  return messages === undefined
    ? undefined
    : { messages: Number(messages), recipients: Number(recipients), period: `${count}${unit}`, milliseconds }
}
