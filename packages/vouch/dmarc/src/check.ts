/**
 * Whether what is verified of a message belongs to the domain of its author, and what that domain wants if not
 * (RFC 9989 §5).
 *
 * Bound   eight questions for each different domain, and two for one that may not exist
 */
import { dmarcIdentifiers } from '@yabumi/limits'
import type { DmarcRecord, Policy } from './record.ts'
import { type AskDmarc, isRecord, plainName, type Walk, Walks } from './walk.ts'

/** Words of RFC 8601 §2.7.4 and RFC 9989 §9.1. */
export type DmarcResult = 'pass' | 'fail' | 'none' | 'temperror' | 'permerror'

/** What was verified of the message, by its domains. */
export interface Verified {
  /** The domains of DKIM signatures that pass. */
  readonly dkim: readonly string[]
  /** The domain for which SPF passes. */
  readonly spf: string | undefined
}

export interface DmarcOptions {
  readonly ask: AskDmarc
}

export interface DmarcVerdict {
  readonly result: DmarcResult
  /** The author's. */
  readonly domain: string
  /** What is wanted if it fails, one step lower where the domain only tries it out. With a record only. */
  readonly policy?: Policy
  /** Where the record is, and what it says. */
  readonly policyDomain?: string
  readonly record?: DmarcRecord
  readonly orgDomain?: string
  readonly spfAligned: boolean
  readonly dkimAligned: boolean
  /** Why it is neither pass nor fail, in words of ours. */
  readonly reason?: string
}

const lower: Readonly<Record<Policy, Policy>> = { reject: 'quarantine', quarantine: 'none', none: 'none' }

/**
 * Judge a message by its author's domain. Never throws.
 *
 * @param author - the domain of the one address in From, a byte string
 */
export async function checkDmarc(author: string, verified: Verified, { ask }: DmarcOptions): Promise<DmarcVerdict> {
  const domain = plainName(author)
  const nothing = { domain: domain || author, spfAligned: false, dkimAligned: false }
  if (domain === '') return { ...nothing, result: 'none', reason: 'there is no domain to ask' }
  const walks = new Walks(ask)
  const walk = await walks.from(domain)
  const choice = await choosePolicy(walk, domain, ask)
  if ('result' in choice) return { ...nothing, ...choice }
  const { record, policyDomain, policy } = choice
  const dkim = await align(walks, walk, domain, verified.dkim.slice(0, dmarcIdentifiers), record.strictDkim)
  const spf = await align(walks, walk, domain, verified.spf === undefined ? [] : [verified.spf], record.strictSpf)
  const aligned = dkim === 'yes' || spf === 'yes'
  const unknown = !aligned && (dkim === 'unknown' || spf === 'unknown')
  return {
    result: aligned ? 'pass' : unknown ? 'temperror' : 'fail',
    domain,
    policy: record.testing ? lower[policy] : policy,
    policyDomain,
    record,
    orgDomain: walk.organisation,
    spfAligned: spf === 'yes',
    dkimAligned: dkim === 'yes',
    ...(unknown ? { reason: 'no answer of the DNS about an organisation' } : {}),
  }
}

interface Choice {
  readonly record: DmarcRecord
  readonly policyDomain: string
  readonly policy: Policy
}

/** The record that counts, and what it wants (RFC 9989 §4.10.1). */
async function choosePolicy(
  walk: Walk,
  domain: string,
  ask: AskDmarc,
): Promise<Choice | Pick<DmarcVerdict, 'result' | 'reason' | 'policyDomain'>> {
  const own = walk.steps[0]?.found
  if (walk.trouble && (own === undefined || !isRecord(own))) return { result: 'temperror', reason: 'no answer of the DNS about a record' }
  const above = [walk.organisation, walk.steps.at(-1)?.name]
  const step = [domain, ...above]
    .map((wanted) => walk.steps.find(({ name }) => name === wanted))
    .find((one) => one !== undefined && one.found !== 'none')
  if (step === undefined) return { result: 'none', reason: 'no record' }
  const { name, found } = step
  if (!isRecord(found)) {
    const problem = typeof found === 'object' ? found.problem : found
    return { result: 'permerror', policyDomain: name, reason: `the record of ${name} is wrong: ${problem}` }
  }
  if (found.policy === undefined) return { result: 'none', policyDomain: name, reason: `the record of ${name} has no policy` }
  const base = { record: found, policyDomain: name }
  if (name === domain) return { ...base, policy: found.policy }
  if (found.missingPolicy === found.subdomainPolicy) return { ...base, policy: found.subdomainPolicy }
  const exists = await doesExist(domain, ask)
  if (exists === undefined) return { result: 'temperror', reason: `no answer of the DNS about ${domain}` }
  return { ...base, policy: exists ? found.subdomainPolicy : found.missingPolicy }
}

/** RFC 9989 appendix A.4: an alias to what does not exist is itself something. */
async function doesExist(domain: string, ask: AskDmarc): Promise<boolean | undefined> {
  for (const type of ['A', 'CNAME'] as const) {
    const { kind } = await ask(domain, type)
    if (kind === 'trouble') return undefined
    if (kind !== 'nxdomain') return true
  }
  return false
}

/** Whether one of the domains is the author's, or of the same organisation (RFC 9989 §4.4). */
async function align(
  walks: Walks,
  walk: Walk,
  domain: string,
  others: readonly string[],
  strict: boolean,
): Promise<'yes' | 'no' | 'unknown'> {
  const names = new Set(others.map(plainName))
  names.delete('')
  if (names.has(domain)) return 'yes'
  if (strict) return 'no'
  let unknown = false
  for (const name of names) {
    const other = await walks.from(name)
    if (other.trouble || walk.trouble) unknown = true
    else if (other.organisation === walk.organisation) return 'yes'
  }
  return unknown ? 'unknown' : 'no'
}
