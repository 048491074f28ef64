/** What is demanded of one mail host for one destination, by all that has a say in it, and who said it. */
import { type Tlsa, usable } from '@yabumi/dane'
import { matches, type Policy } from '@yabumi/mtasts'
import type { Level, Rule } from './rules.ts'

/** How the host is to show who it is. */
export type Proof =
  | { readonly kind: 'dane'; readonly records: readonly Tlsa[]; readonly names: readonly string[]; readonly endEntityNames: boolean }
  /** A certificate for one of the names. @property ca - a file of authorities, relative to the home */
  | { readonly kind: 'pkix'; readonly names: readonly string[]; readonly ca?: string }
  | { readonly kind: 'pin'; readonly pins: readonly string[] }

/** What kind of policy that is in a report (RFC 8460 §4.2). */
export type PolicyType = 'tlsa' | 'sts' | 'no-policy-found'

export interface Demand {
  /** none: in clear; may: TLS if it can be had; must: nothing else. */
  readonly tls: 'none' | 'may' | 'must'
  /** With `may`, it is only looked whether it would hold. */
  readonly proof?: Proof
  /** With `may`: why this host would get nothing if more were demanded. */
  readonly fault?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** Who says so, as it stands behind "TLS required by". */
  readonly by: string
  readonly policy: PolicyType
}

/** This host gets nothing now. */
export interface Refusal {
  /** Who says so, and why. */
  readonly by: string
  readonly reason: string
  readonly policy: PolicyType
}

/** What the DNS says of a host's TLSA records: the name that they stand at, where there are any. */
export type TlsaAnswer =
  | { readonly kind: 'found'; readonly base: string; readonly records: readonly Tlsa[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'trouble' }

/** `control/tlshosts/HOST.pem` exists; `control/notlshosts/HOST` does; neither, but `control/tlshosts/exhaustivelist`. */
export type HostFile = 'tlshosts' | 'notlshosts' | 'unlisted'

/** All that has a say. */
export interface Grounds {
  /** The line for the destination. */
  readonly rule?: Rule
  /** Without a line, and where nobody else demands anything. */
  readonly otherwise: 'none' | 'may'
  /** Of the mail host that is tried, lower-case. */
  readonly host: string
  /** The recipient's domain, and the one that DNS gave the hosts for. */
  readonly domains: readonly string[]
  /** What the operator says of this host by files. */
  readonly hostFile?: HostFile
  readonly tlsa: TlsaAnswer
  /** The policy that the recipient's domain publishes. */
  readonly sts?: Policy
}

/** The demand. */
export function demandBy(grounds: Grounds): Demand | Refusal {
  const { rule, hostFile, host } = grounds
  if (rule !== undefined) return byRule(rule, grounds)
  if (hostFile === 'notlshosts') return clear(`control/notlshosts/${host}`)
  if (hostFile === 'tlshosts') {
    const ca = `control/tlshosts/${host}.pem`
    return { ...must(ca), proof: { kind: 'pkix', names: [host], ca } }
  }
  return byPublished(hostFile === 'unlisted' ? { ...grounds, otherwise: 'none' } : grounds)
}

function byRule(rule: Rule, grounds: Grounds): Demand | Refusal {
  const { from, minVersion } = rule
  const demands: Readonly<Record<Level, () => Demand | Refusal>> = {
    none: () => clear(from),
    may: () => ({ ...must(from), tls: 'may' }),
    encrypt: () => must(from),
    opportunistic: () => byPublished({ ...grounds, otherwise: 'may' }),
    dane: () => byDane(grounds, rule) ?? must(from),
    'dane-only': () => byDane(grounds, rule) ?? { by: from, reason: 'the host has no TLSA records of use', policy: 'tlsa' },
    sts: () => (grounds.sts?.mode === 'enforce' ? bySts(grounds) : undefined) ?? must(from),
    verify: () => ({
      ...must(from),
      proof: { kind: 'pkix', names: namesOf(rule, grounds), ...(rule.ca === undefined ? {} : { ca: rule.ca }) },
    }),
    fingerprint: () => ({ ...must(from), proof: { kind: 'pin', pins: rule.pins } }),
  }
  const demand = demands[rule.level]()
  return 'tls' in demand ? { ...demand, minVersion } : demand
}

function namesOf({ match }: Rule, { host }: Grounds): readonly string[] {
  return match.length === 0 ? [host] : match
}

/** What the receiver publishes: DANE before MTA-STS (RFC 8461 §2). */
function byPublished(grounds: Grounds): Demand | Refusal {
  return byDane(grounds) ?? bySts(grounds) ?? (grounds.otherwise === 'none' ? clear('default') : { ...must('default'), tls: 'may' })
}

/** @returns undefined where there are no TLSA records */
function byDane(grounds: Grounds, rule?: Rule): Demand | Refusal | undefined {
  const { tlsa, domains } = grounds
  if (tlsa.kind === 'none') return undefined
  if (tlsa.kind === 'trouble') return { by: 'DANE', reason: 'the TLSA records cannot be looked up', policy: 'tlsa' }
  const records = usable(tlsa.records)
  if (records.length === 0) return rule?.level === 'dane-only' ? undefined : (bySts(grounds) ?? { ...must('DANE'), policy: 'tlsa' })
  const match = rule?.match ?? []
  const names = match.length > 0 ? match : [tlsa.base, ...domains]
  return { ...must('DANE'), policy: 'tlsa', proof: { kind: 'dane', records, names, endEntityNames: match.length > 0 } }
}

/** @returns undefined where there is no policy, or one that demands nothing */
function bySts({ sts, host, otherwise }: Grounds): Demand | Refusal | undefined {
  if (sts === undefined || sts.mode === 'none') return undefined
  const listed = sts.mx.some((pattern) => matches(host, pattern))
  const proof = { kind: 'pkix', names: [host] } as const
  const fault = `${host} is no host of the policy`
  if (sts.mode === 'testing')
    return otherwise === 'none' ? undefined : { ...must('MTA-STS'), tls: 'may', policy: 'sts', ...(listed ? { proof } : { fault }) }
  if (!listed) return { by: 'MTA-STS', reason: fault, policy: 'sts' }
  return { ...must('MTA-STS'), policy: 'sts', proof }
}

function must(by: string): Demand {
  return { tls: 'must', minVersion: 'TLSv1.2', by, policy: 'no-policy-found' }
}

function clear(by: string): Demand {
  return { ...must(by), tls: 'none' }
}
