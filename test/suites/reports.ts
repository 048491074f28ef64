/** Kinds of suites about reports: delivery status, complaints, DMARC and TLS. Each says nothing of a case that is right. */
import { readDeliveryStatus } from '@yabumi/dsn'
import { readAbuseReport, readDmarcReport, readTlsReport } from '@yabumi/reports'
import { Trouble } from '@yabumi/trouble'
import { bytesOf, type Case, type Outcome } from './suite.ts'

export function deliveryStatus({ input, expect }: Case): Outcome {
  const status = readDeliveryStatus(bytesOf(input['message']))
  if (status === undefined) return 'it is not read'
  const recipients = status.recipients.map((each) =>
    without({
      'final-recipient': each.finalRecipient,
      'original-recipient': each.originalRecipient,
      action: each.action,
      status: each.status,
      'remote-mta': each.remoteMta,
      'diagnostic-code': each.diagnosticCode,
    }),
  )
  return differ({ report_type: status.reportType ?? null, reporting_mta: status.reportingMta, recipients }, expect)
}

export function abuse({ input, expect }: Case): Outcome {
  const report = readAbuseReport(bytesOf(input['message']))
  if (report === undefined) return 'it is not read'
  const found = {
    feedback_type: report.feedbackType,
    user_agent: report.userAgent,
    version: report.version,
    source_ip: report.sourceIp,
    original_mail_from: report.originalMailFrom,
    reported_domain: report.reportedDomains,
    incidents: report.incidents,
    auth_failure: report.authFailure ?? 'unspecified',
  }
  return differ(words(without(found)), words(expect))
}

export function dmarc({ input, expect }: Case): Outcome {
  try {
    const { orgName = null, reportId, begin, end, domain, p, rows } = readDmarcReport(bytesOf(input['xml']))
    const found = {
      well_formed: true,
      org_name: orgName,
      report_id: reportId,
      begin: `${begin}`,
      end: `${end}`,
      domain,
      p,
      records: rows.length,
      messages: rows.reduce((sum, { count }) => sum + count, 0),
      rows: rows.map(({ sourceIp, count, disposition, dkim, spf, headerFrom }) => ({
        source_ip: sourceIp,
        count,
        disposition,
        dkim,
        spf,
        header_from: headerFrom,
      })),
    }
    return differ(found, expect)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return differ({ well_formed: false }, expect)
  }
}

export function tls({ input, expect }: Case): Outcome {
  const { organization, reportId, policies } = readTlsReport(bytesOf(input['json']))
  const details = policies.flatMap((policy) => policy.details)
  const found = {
    organization,
    report_id: reportId,
    policies: policies.length,
    ok: policies.reduce((sum, { successes }) => sum + successes, 0),
    failed: policies.reduce((sum, { failures }) => sum + failures, 0),
    result_types: [...new Set(details.map(({ resultType }) => resultType))].sort(),
  }
  return differ(found, expect)
}

/** The authors' words are in camel case, those of the RFCs have hyphens. */
function words(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase().replaceAll('-', '') : value)
  const named = ['feedback_type', 'auth_failure']
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, named.includes(name) ? plain(value) : value]))
}

function without(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** What is expected is what must be found; more may be. */
function differ(found: Readonly<Record<string, unknown>>, expected: Readonly<Record<string, unknown>>): Outcome {
  for (const [name, wanted] of Object.entries(expected)) {
    const [one, other] = [JSON.stringify(sorted(found[name])), JSON.stringify(sorted(wanted))]
    if (one !== other) return `${name} is ${one}, and not ${other}`
  }
  return undefined
}

/** Names of objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  )
}
