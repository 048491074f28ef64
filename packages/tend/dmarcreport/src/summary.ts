/** What reports come to: by domain, and by who sent mail as that domain. */
import type { DmarcReport, DmarcRow } from '@yabumi/reports'

export interface Source {
  readonly ip: string
  messages: number
  /** Of these. */
  signed: number
  inSpf: number
  /** Neither passes. */
  failing: number
  /** Refused, or put into quarantine. */
  stopped: number
  /** Domains that it has signed for, or is in the SPF of, though not this one. */
  readonly others: Set<string>
}

export interface Domain {
  readonly name: string
  policy: string
  begin: number
  end: number
  readonly reporters: Set<string>
  reports: number
  readonly sources: Map<string, Source>
}

/** Add a report to what is known of its domain. One that has come twice counts once. */
export class Summary {
  readonly domains: Map<string, Domain> = new Map()
  readonly #seen = new Set<string>()

  add(report: DmarcReport): void {
    const key = JSON.stringify([report.orgName, report.reportId, report.domain.toLowerCase(), report.begin])
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const name = report.domain.toLowerCase()
    const domain = this.domains.get(name) ?? {
      name,
      policy: '',
      begin: Number.POSITIVE_INFINITY,
      end: 0,
      reporters: new Set(),
      reports: 0,
      sources: new Map(),
    }
    this.domains.set(name, domain)
    if (report.end >= domain.end) domain.policy = report.p.toLowerCase()
    domain.begin = Math.min(domain.begin, report.begin)
    domain.end = Math.max(domain.end, report.end)
    domain.reports += 1
    domain.reporters.add(report.orgName ?? report.email ?? 'somebody')
    for (const row of report.rows) addRow(domain, row)
  }
}

const passes = (word: string): boolean => word.toLowerCase() === 'pass'

function addRow(domain: Domain, row: DmarcRow): void {
  const ip = row.sourceIp.toLowerCase()
  const source = domain.sources.get(ip) ?? { ip, messages: 0, signed: 0, inSpf: 0, failing: 0, stopped: 0, others: new Set() }
  domain.sources.set(ip, source)
  const { count } = row
  source.messages += count
  if (passes(row.dkim)) source.signed += count
  if (passes(row.spf)) source.inSpf += count
  if (passes(row.dkim) || passes(row.spf)) return
  source.failing += count
  if (/^(?:quarantine|reject)$/i.test(row.disposition)) source.stopped += count
  for (const result of [...row.dkimResults, ...row.spfResults]) if (passes(result.result)) source.others.add(result.domain.toLowerCase())
}

/** What a person is to know of a source, in sentences. */
export function verdictOn(source: Source, domain: Domain): string {
  const { messages, signed, inSpf, failing, stopped, others } = source
  if (failing === 0 && signed === messages) {
    return inSpf === messages
      ? 'All pass, by signature and SPF.'
      : 'All pass, by signature. SPF does not for some: they were forwarded, or SPF lacks it.'
  }
  if (failing === 0) {
    return `All pass, but ${messages - signed} by SPF only: those get lost where they are forwarded. Let it sign with a DKIM key of ${domain.name}.`
  }
  const known = others.size === 0 ? 'without a signature or SPF that passes' : `but as ${[...others].sort().slice(0, 5).join(', ')}`
  const fate =
    stopped > 0
      ? `${stopped} of them were stopped.`
      : domain.policy === 'none'
        ? 'None was stopped: the policy is none.'
        : 'None was stopped.'
  const much = failing === messages ? 'None passes' : `${failing} do not pass`
  return (
    `${much}: sent as ${domain.name}, ${known}. ${fate} ` +
    `If it is yours, let it sign with a DKIM key of ${domain.name}, or add it to SPF. If not, somebody forwards or forges.`
  )
}
