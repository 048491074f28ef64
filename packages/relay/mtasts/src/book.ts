/**
 * The policy that holds for a domain now: one that is kept and in time, else the one that its server has.
 *
 * A policy is looked after while it is used (RFC 8461 §3.3), also on days without mail for its domain. Once a day its
 * record is asked for, and four times in its life at least. Another id, or half of its time gone, has it fetched anew.
 * Where that fails the one that is kept counts until its time is up.
 */
import { setImmediate } from 'node:timers/promises'
import { nowSeconds } from '@yabumi/dates'
import { ask } from '@yabumi/dns'
import { stsCheckSeconds, stsFetches, stsUnusedSeconds, stsWaitSeconds } from '@yabumi/limits'
import { errorText } from '@yabumi/trouble'
import { fetchPolicy, type Web } from './fetch.ts'
import type { Policy } from './policy.ts'
import { idOf } from './record.ts'
import { forgetPolicy, type Kept, keep, keptDomains, noteUse, readKept } from './store.ts'

/**
 * - none: the domain has no policy, or none that can be had
 * - trouble: the DNS does not say whether it has one
 * - problem: it has one, which cannot be had now; mail goes as if it had none
 */
export type Found =
  | { readonly kind: 'found'; readonly policy: Policy }
  | { readonly kind: 'none' | 'trouble' }
  | { readonly kind: 'problem'; readonly problem: string; readonly isCertificate: boolean }

/** The policies of the domains that mail goes to. */
export class PolicyBook {
  readonly #web: Web | undefined
  /** When the record of a domain was asked for last, and who is doing so just now. */
  readonly #checked = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<Found>>()

  /** @param web - in place of the Internet */
  constructor(web?: Web) {
    this.#web = web
  }

  /** @param domain - lower-case. Takes a few seconds at most. @throws Trouble 4.3.0 if control/cafile cannot be read */
  async of(domain: string): Promise<Found> {
    const kept = readKept(domain)
    const now = nowSeconds()
    if (kept === undefined || kept.fetched + kept.policy.maxAge <= now) return this.#soon(this.#look(domain, undefined))
    if (kept.used + stsCheckSeconds <= now) noteUse(domain, now)
    if (this.#isDue(domain, kept, now)) void this.#look(domain, kept).catch(() => undefined)
    return { kind: 'found', policy: kept.policy }
  }

  /**
   * Look after those that are kept and in use, a few at a time.
   *
   * @param tell - hears what does not work, with the domain
   */
  async freshen(tell: (problem: string) => void): Promise<void> {
    const domains = keptDomains().values()
    await Promise.all(Array.from({ length: freshenedAtOnce }, () => this.#freshenEach(domains, tell)))
  }

  async #freshenEach(domains: Iterable<string>, tell: (problem: string) => void): Promise<void> {
    for (const domain of domains) {
      await setImmediate() // deliveries go on meanwhile
      const kept = readKept(domain)
      const now = nowSeconds()
      if (kept === undefined || kept.used + stsUnusedSeconds < now || !this.#isDue(domain, kept, now)) continue
      const found = await this.#look(domain, kept).catch((error: unknown) => ({ kind: 'problem', problem: errorText(error) }) as const)
      if (found.kind === 'problem') tell(`${domain}: ${found.problem}; ${untilText(kept)}`)
    }
  }

  #isDue(domain: string, { policy }: Kept, now: number): boolean {
    return (this.#checked.get(domain) ?? 0) + Math.min(stsCheckSeconds, policy.maxAge / 4) <= now
  }

  #look(domain: string, kept: Kept | undefined): Promise<Found> {
    const known = this.#underWay.get(domain)
    if (known !== undefined) return known
    if (this.#underWay.size >= stsFetches)
      return Promise.resolve({ kind: 'problem', problem: 'too many policies are fetched just now', isCertificate: false })
    const looking = this.#ask(domain, kept).finally(() => this.#underWay.delete(domain))
    this.#underWay.set(domain, looking)
    return looking
  }

  async #ask(domain: string, kept: Kept | undefined): Promise<Found> {
    const answer = await ask(`_mta-sts.${domain}`, 'TXT')
    if (answer.kind === 'trouble') return { kind: 'trouble' }
    const now = nowSeconds()
    if (this.#checked.size >= checkedLimit) this.#checked.clear()
    this.#checked.set(domain, now)
    const id = answer.kind === 'found' ? idOf(answer.records) : undefined
    if (id === undefined) return { kind: 'none' }
    if (kept?.id === id && kept.fetched + kept.policy.maxAge / 2 > now) return { kind: 'found', policy: kept.policy }
    const fetched = await fetchPolicy(domain, this.#web)
    if ('problem' in fetched) return { kind: 'problem', ...fetched }
    if (fetched.policy.mode === 'none') forgetPolicy(domain)
    else keep(domain, fetched.text, id, now, kept?.used)
    return { kind: 'found', policy: fetched.policy }
  }

  /** The first mail to a domain does not wait for a slow server; what comes later is kept for the next one. */
  async #soon(looking: Promise<Found>): Promise<Found> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Found>((resolve) => {
      timer = setTimeout(resolve, stsWaitSeconds * 1000, { kind: 'problem', problem: 'its server is slow', isCertificate: false })
    })
    return Promise.race([looking, late]).finally(() => clearTimeout(timer))
  }
}

function untilText({ fetched, policy }: Kept): string {
  return `the policy that is kept counts until ${new Date((fetched + policy.maxAge) * 1000).toISOString()}`
}

/** Domains of which it is known when they were asked. */
const checkedLimit = 10_000
/** Fewer than may be fetched in all: mail that waits for a policy has its turn. */
const freshenedAtOnce = 2
