/** Aggregate reports of DMARC as we write them: RFC 9990's elements, in the order of RFC 7489 appendix C. */
import type { AuthResult, DmarcReport, DmarcRow } from './dmarc.ts'
import { escapeXml } from './xml.ts'

/** @returns the report as XML. Texts are of Unicode */
export function writeDmarcReport(report: DmarcReport): string {
  const { orgName = '', email = '', reportId, begin, end, domain, p, rows } = report
  const published = element('policy_published', [
    leaf('domain', domain),
    ...optional('adkim', report.adkim),
    ...optional('aspf', report.aspf),
    leaf('p', p),
    leaf('sp', report.sp ?? p), // the schema of RFC 7489 demands it, pct and fo
    leaf('pct', '100'),
    leaf('fo', '0'),
    ...optional('np', report.np),
    ...optional('testing', report.testing),
  ])
  const metadata = element('report_metadata', [
    leaf('org_name', orgName),
    leaf('email', email),
    leaf('report_id', reportId),
    element('date_range', [leaf('begin', `${begin}`), leaf('end', `${end}`)]),
  ])
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('feedback', [metadata, published, ...rows.map(record)])}`
}

function record(row: DmarcRow): string {
  const { sourceIp, count, disposition, dkim, spf, headerFrom, envelopeFrom } = row
  return element('record', [
    element('row', [
      leaf('source_ip', sourceIp),
      leaf('count', `${count}`),
      element('policy_evaluated', [leaf('disposition', disposition), leaf('dkim', dkim), leaf('spf', spf)]),
    ]),
    element('identifiers', [...optional('envelope_from', envelopeFrom), leaf('header_from', headerFrom)]),
    element('auth_results', [...row.dkimResults.map((one) => result('dkim', one)), ...row.spfResults.map((one) => result('spf', one))]),
  ])
}

function result(method: string, { domain, selector, scope, result }: AuthResult): string {
  return element(method, [leaf('domain', domain), ...optional('selector', selector), ...optional('scope', scope), leaf('result', result)])
}

function optional(name: string, text: string | undefined): string[] {
  return text === undefined ? [] : [leaf(name, text)]
}

function leaf(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>\n`
}

function element(name: string, children: readonly string[]): string {
  return `<${name}>\n${children.join('')}</${name}>\n`
}
