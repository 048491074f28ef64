/**
 * Reports about TLS (RFC 8460 §4): JSON, which senders of mail write for the domains that they send to.
 *
 * Bound   policies and failures as limits say; the caller limits the bytes
 */
import { reportRecords } from '@yabumi/limits'
import { Trouble } from '@yabumi/trouble'

export interface TlsFailure {
  /** RFC 8460 §4.3 */
  readonly resultType: string
  readonly sendingIp?: string
  readonly host?: string
  readonly receivingIp?: string
  readonly sessions: number
  readonly reason?: string
}

export interface TlsPolicy {
  /** `sts`, `tlsa`, `no-policy-found` */
  readonly type: string
  readonly lines: readonly string[]
  readonly domain: string
  readonly hosts: readonly string[]
  /** Sessions that went well, and that did not. */
  readonly successes: number
  readonly failures: number
  readonly details: readonly TlsFailure[]
}

export interface TlsReport {
  readonly organization: string
  readonly contact: string
  readonly reportId: string
  /** RFC 3339 */
  readonly begin: string
  readonly end: string
  readonly policies: readonly TlsPolicy[]
}

/** @param bytes - JSON in UTF-8 @throws Trouble 5.6.0 for what is no such report */
export function readTlsReport(bytes: Buffer): TlsReport {
  const report = parse(bytes)
  const range = object(report['date-range'])
  const policies = list(report['policies'])
  if (!('policies' in report)) throw refusal('it has no policies')
  if (policies.length > reportRecords) throw refusal('it has too many policies')
  return {
    organization: text(report['organization-name']),
    contact: text(report['contact-info']),
    reportId: text(report['report-id']),
    begin: text(range['start-datetime']),
    end: text(range['end-datetime']),
    policies: policies.map(policyOf),
  }
}

function policyOf(value: unknown): TlsPolicy {
  const { policy, summary, 'failure-details': details } = object(value)
  const about = object(policy)
  const counts = object(summary)
  return {
    type: text(about['policy-type']),
    lines: [about['policy-string'] ?? []].flat().map(text),
    domain: text(about['policy-domain']),
    hosts: [about['mx-host'] ?? []].flat().map(text),
    successes: count(counts['total-successful-session-count']),
    failures: count(counts['total-failure-session-count']),
    details: list(details).slice(0, reportRecords).map(failureOf),
  }
}

function failureOf(value: unknown): TlsFailure {
  const failure = object(value)
  const names = {
    sendingIp: 'sending-mta-ip',
    host: 'receiving-mx-hostname',
    receivingIp: 'receiving-ip',
    reason: 'failure-reason-code',
  } as const
  const known = Object.entries(names).filter(([, name]) => typeof failure[name] === 'string')
  return {
    resultType: text(failure['result-type']),
    sessions: count(failure['failed-session-count']),
    ...Object.fromEntries(known.map(([key, name]) => [key, failure[name]])),
  }
}

/** @returns JSON as RFC 8460 §4.4 has it */
export function writeTlsReport({ organization, contact, reportId, begin, end, policies }: TlsReport): string {
  return `${JSON.stringify({
    'organization-name': organization,
    'date-range': { 'start-datetime': begin, 'end-datetime': end },
    'contact-info': contact,
    'report-id': reportId,
    policies: policies.map(({ type, lines, domain, hosts, successes, failures, details }) => ({
      policy: {
        'policy-type': type,
        ...(lines.length === 0 ? {} : { 'policy-string': lines }),
        'policy-domain': domain,
        ...(hosts.length === 0 ? {} : { 'mx-host': hosts }),
      },
      summary: { 'total-successful-session-count': successes, 'total-failure-session-count': failures },
      ...(details.length === 0 ? {} : { 'failure-details': details.map(detail) }),
    })),
  })}\n`
}

function detail({ resultType, sendingIp, host, receivingIp, sessions, reason }: TlsFailure): object {
  return {
    'result-type': resultType,
    'sending-mta-ip': sendingIp,
    'receiving-mx-hostname': host,
    'receiving-ip': receivingIp,
    'failed-session-count': sessions,
    'failure-reason-code': reason,
  }
}

type Values = Readonly<Record<string, unknown>>

function parse(bytes: Buffer): Values {
  try {
    return object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    throw refusal('it is no JSON', cause)
  }
}

function object(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function refusal(what: string, cause?: unknown): Trouble {
  return new Trouble('5.6.0', `no report about TLS: ${what}`, { cause })
}
