/**
 * Which TLS a message gets on its way: what is demanded of each mail host, and what a connection has shown.
 *
 * A demand is looked up when the host's turn comes. For ten minutes it is remembered at which addresses TLS failed
 * though nobody demanded it: those get none.
 */
import { ask } from '@yabumi/dns'
import type { FactMap } from '@yabumi/facts'
import { brokenTls, brokenTlsSeconds } from '@yabumi/limits'
import {
  type BrokenRule,
  currentPolicy,
  type Demand,
  demandBy,
  type OwnPolicy,
  type PolicyType,
  type Proof,
  type Refusal,
  type Rule,
  type TlsaAnswer,
} from '@yabumi/tlsdemand'
import { recordLine } from '@yabumi/tlsrpt'
import { Trouble } from '@yabumi/trouble'
import type { Target } from './addresses.ts'
import type { Login } from './login.ts'
import { type PolicyFailure, stsPolicy } from './policies.ts'
import type { Route } from './route.ts'
import { noRequiredTls, noTls, sendersDemand, unknownDemand } from './texts.ts'

/** Of a destination: what its mail demands of connections, and who is told what became of that. */
export interface Security {
  /** The port to go to, where the operator names one for this level. */
  readonly port: number
  /** EHLO, also where nothing is demanded. */
  readonly esmtp: boolean
  /** As whom the relay knows us. */
  readonly login?: Login
  demandFor(target: Target): Promise<Demand | Refusal>
  /** The same, where its sender demands verified TLS (RFC 8689 §4.2.1). */
  verified(): Security
  /** A host gets nothing now. @returns the report */
  refuse(target: Target, refusal: Refusal): string
  /** What is told how a connection to a host came out. */
  heard(target: Target, demand: Demand): (how: Heard) => void
}

/** How a connection came out, as far as TLS goes. */
export interface Heard {
  /** `TLSv1.3`, where there is TLS. */
  readonly version?: string
  /** What was verified, in words: `dane-ee(3 1 1)`. */
  readonly verified?: string
  /** What went wrong: its name in reports (RFC 8460 §4.3), and in words. */
  readonly failure?: { readonly type: FailureType; readonly reason: string }
  readonly outcome: 'tls' | 'clear text' | 'deferred'
}

/** The same, and with whom. */
export interface TlsSession extends Heard {
  /** The recipient's. */
  readonly domain: string
  readonly host: string
  readonly address: string
  readonly policy: PolicyType
}

/** Somebody who is told of each connection with TLS, or that was to have it. */
export type Listener = (session: TlsSession) => void

export type FailureType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'sts-policy-fetch-error'
  | 'sts-webpki-invalid'

/** Port of SMTP with TLS from the first byte (RFC 8314 §3.3). */
export const implicitTlsPort = 465

/**
 * What holds for mail to a domain over a route.
 *
 * @param exchangesSecure - which hosts these are is verified
 * @throws Trouble 4.3.0 if a control file cannot be read
 */
export function securityOf(domain: string, route: Route, exchangesSecure: boolean, listener: Listener): Security {
  const policy = policyNow()
  const rule = ruleOf(policy, domain, route)
  const level = rule !== undefined && 'level' in rule ? rule : undefined
  const { login } = route
  const esmtp = policy.esmtp || login !== undefined
  const port = route.protocol === 'qmtp' ? route.port : (level?.port ?? route.port)
  const security: Security = {
    port,
    esmtp,
    verified: () => verifiedOnly(security, exchangesSecure),
    ...(login === undefined ? {} : { login }),
    refuse: ({ host, address }, { by, reason, policy }) => {
      if (by === broken) return unknownDemand(reason)
      listener({ domain, host, address, policy, failure: { type: 'validation-failure', reason }, outcome: 'deferred' })
      return noTls(by, reason)
    },
    heard:
      ({ host, address }, { policy }) =>
      (how) =>
        listener({ domain, host, address, policy, ...how }),
    demandFor: async (target) => {
      if (rule !== undefined && 'problem' in rule) return { by: broken, reason: rule.problem, policy: 'no-policy-found' }
      const demand = await demandOn(target, { policy, rule: level, domain, route, port, esmtp, exchangesSecure, listener })
      if (login !== undefined && !login.plain && 'tls' in demand) return verified(demand, target)
      return 'tls' in demand && demand.tls === 'may' && isBroken(target.address, port) ? { ...demand, tls: 'none' } : demand
    },
  }
  return security
}

/** What holds for a message, by its facts. */
export function securityFor(facts: FactMap, security: Security): Security {
  return facts.has('REQUIRETLS') ? security.verified() : security
}

/** Which host it is must be verified, by DNSSEC or a policy, and so must be that it is that host. */
function verifiedOnly(security: Security, exchangesSecure: boolean): Security {
  return {
    ...security,
    demandFor: async (target) => {
      const demand = await security.demandFor(target)
      if (!('tls' in demand) || (demand.tls === 'must' && demand.proof !== undefined)) return demand
      if (demand.fault !== undefined || !exchangesSecure) return { by: sendersDemand, reason: '', policy: demand.policy }
      return { ...demand, tls: 'must', by: sendersDemand, proof: { kind: 'pkix', names: [target.host] } }
    },
    refuse: (target, refusal) => (refusal.by === sendersDemand ? noRequiredTls(target.address) : security.refuse(target, refusal)),
  }
}

/** A listener: what is heard is kept for reports, if control/tlsrpt is 1. */
export function keepForReport(session: TlsSession): void {
  try {
    if (policyNow().tlsrpt) recordLine({ ...session, failure: session.failure?.type ?? 'ok' })
  } catch (error) {
    if (!(error instanceof Trouble)) throw error // control files that cannot be read are reported with a delivery
  }
}

let policyOfTurn: OwnPolicy | undefined

/** The control files are looked at once for all the deliveries of a turn. */
function policyNow(): OwnPolicy {
  if (policyOfTurn === undefined) {
    policyOfTurn = currentPolicy()
    setImmediate(() => {
      policyOfTurn = undefined
    })
  }
  return policyOfTurn
}

function ruleOf({ rules }: OwnPolicy, domain: string, { relay, host }: Route): Rule | BrokenRule | undefined {
  return rules.of(...(relay ? [domain, host] : [domain]))
}

/** Mail for domains with the same key may travel together over one route. Where control files cannot be read, none of it travels. */
export function demandsKey(domain: string, route: Route): string {
  let rule: Rule | BrokenRule | undefined
  try {
    rule = ruleOf(policyNow(), domain, route)
  } catch {
    return '' // securityOf says so
  }
  if (rule === undefined) return ''
  if ('problem' in rule) return rule.problem
  return rule.level === 'sts' ? `${rule.from} ${domain}` : rule.from
}

/** Stands for a line that cannot be understood. */
const broken = 'control/tlspolicy'

/** A password is shown to nobody but the host that it is for. */
function verified(demand: Demand, { host }: Target): Demand {
  if (demand.tls === 'must' && demand.proof !== undefined) return demand
  return { ...demand, tls: 'must', by: `the login at ${host}`, proof: { kind: 'pkix', names: [host] } }
}

interface Destination {
  readonly policy: OwnPolicy
  readonly rule: Rule | undefined
  readonly domain: string
  readonly route: Route
  readonly port: number
  readonly esmtp: boolean
  readonly exchangesSecure: boolean
  readonly listener: Listener
}

async function demandOn(
  target: Target,
  { policy, rule, domain, route, port, esmtp, exchangesSecure, listener }: Destination,
): Promise<Demand | Refusal> {
  const { host, address } = target
  const hostFile = policy.hostFile(host)
  const asksReceiver = rule === undefined ? hostFile === undefined || hostFile === 'unlisted' : rule.level === 'opportunistic'
  const wantsDane = (asksReceiver && policy.dane) || rule?.level === 'dane' || rule?.level === 'dane-only'
  const wantsSts = (asksReceiver && policy.mtasts && !route.relay) || rule?.level === 'sts'
  const tell = (failure: PolicyFailure): void => listener({ domain, host, address, policy: 'sts', failure, outcome: 'tls' })
  const sts = wantsSts ? await stsPolicy(domain, tell) : undefined
  if (sts === 'trouble') return { by: 'MTA-STS', reason: 'the DNS does not say whether there is a policy', policy: 'sts' }
  return demandBy({
    ...(sts === undefined ? {} : { sts }),
    ...(rule === undefined ? {} : { rule }),
    otherwise: esmtp ? 'may' : 'none',
    host,
    domains: [...new Set([domain, route.host])],
    ...(hostFile === undefined ? {} : { hostFile }),
    tlsa: wantsDane && exchangesSecure ? await lookUpTlsa(target, port) : { kind: 'none' },
  })
}

/** The records of a host whose address is verified: at the name that its aliases lead to, else at its own (RFC 7672 §2.2.3). */
async function lookUpTlsa({ host, alias, secure }: Target, port: number): Promise<TlsaAnswer> {
  if (secure !== true) return { kind: 'none' } // where this is not signed, many servers fail on TLSA (RFC 7672 §2.2.2)
  for (const base of alias === undefined ? [host] : [alias, host]) {
    const answer = await ask(`_${port}._tcp.${base}`, 'TLSA')
    if (answer.kind === 'trouble') return { kind: 'trouble' }
    if (answer.kind === 'found' && answer.secure === true) return { kind: 'found', base, records: answer.records }
  }
  return { kind: 'none' }
}

/** What a connection must have shown to be of use for a demand; two that are equal show the same. */
export function proofKey(host: string, proof: Proof | undefined): string {
  if (proof === undefined) return ''
  return JSON.stringify([host, proof], (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}

const failing = new Map<string, number>()

function isBroken(address: string, port: number): boolean {
  const until = failing.get(`${address} ${port}`)
  return until !== undefined && until > performance.now()
}

/** TLS failed at an address, and nobody demanded it: the next connections there go without. */
export function rememberBroken(address: string, port: number): void {
  if (failing.size >= brokenTls) failing.clear()
  failing.set(`${address} ${port}`, performance.now() + brokenTlsSeconds * 1000)
}
