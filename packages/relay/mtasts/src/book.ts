/**
 * The policy that holds for a domain now: one that is kept and in time, else the one that its server has.
 *
 * A policy is looked after while it is used (RFC 8461 §5.1). Once a day its record is asked for. Another id, or half of
 * its time gone, has it fetched anew. Where that fails the one that is kept counts until its time is up.
 */
import { nowSeconds } from '@yabumi/dates'
import { ask } from '@yabumi/dns'
import { stsCheckSeconds, stsFetches, stsWaitSeconds } from '@yabumi/limits'
import { fetchPolicy, type Web } from './fetch.ts'
import type { Policy } from './policy.ts'
import { idOf } from './record.ts'
import { forgetPolicy, type Kept, keep, readKept } from './store.ts'

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

  /** @param domain - lower-case. Takes a few seconds at most. Never throws. */
  async of(domain: string): Promise<Found> {
    const kept = readKept(domain)
    const now = nowSeconds()
    if (kept === undefined || kept.fetched + kept.policy.maxAge <= now) return this.#soon(this.#look(domain, undefined))
    if ((this.#checked.get(domain) ?? 0) + stsCheckSeconds <= now) void this.#look(domain, kept)
    return { kind: 'found', policy: kept.policy }
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
    else keep(domain, fetched.text, id, now)
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

/** Domains of which it is known when they were asked. */
const checkedLimit = 10_000
