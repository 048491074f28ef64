/** Kinds of suites about DMARC: records, verdicts, and who may get reports. */
import { checkDmarc, type DmarcVerdict, mayReportTo, readDmarcRecord } from '@yabumi/dmarc'
import { askIn, type Case, isAmong, type Outcome, type Suite, type Values } from './suite.ts'

/** Where the two RFCs differ and the case does not say what the new one wants, it is about the old one only. */
export function record(one: Case): Outcome {
  const expected = one.expect['valid_9989']
  const reading = readDmarcRecord(one.input['record'] as string)
  const valid = !('problem' in reading) && reading.policy !== undefined
  return expected === undefined || valid === expected ? undefined : `valid is ${valid}: ${JSON.stringify(reading)}`
}

export async function external(one: Case, suite: Suite): Promise<Outcome> {
  const { policy_domain: from, report_to_domain: to } = one.input as Record<string, string>
  const may = await mayReportTo(from as string, to as string, askIn(one, suite))
  return may === one.expect['may_send'] ? undefined : `may send is ${may}`
}

interface Judged {
  readonly result: string
  readonly domain: string
}

export async function verdict(one: Case, suite: Suite): Promise<Outcome> {
  const { from, dkim_pass, spf_pass, dkim, spf } = one.input as Record<string, unknown>
  const authors = [from].flat() as string[]
  const author = authors.length === 1 ? (authors[0] as string) : ''
  const signed = (dkim_pass as string[] | undefined) ?? (dkim as Judged[]).filter(isPass).map(({ domain }) => domain)
  const sent =
    (spf_pass as string[] | undefined)?.[0] ?? [spf as Judged | undefined].filter((one) => one !== undefined).filter(isPass)[0]?.domain
  const judged = await checkDmarc(author.slice(author.lastIndexOf('@') + 1), { dkim: signed, spf: sent }, { ask: askIn(one, suite) })
  const wrong = Object.entries(one.expect).find(([name, value]) => !isRight(judged, name, value))
  return wrong === undefined ? undefined : `${wrong[0]} is not ${wrong[1]}: ${JSON.stringify(judged)}`
}

function isPass({ result }: Judged): boolean {
  return result === 'pass'
}

/** Null is no answer of theirs, but for the domains that align. */
function isRight(judged: DmarcVerdict, name: string, value: unknown): boolean {
  const record = judged.record
  const own: Values = {
    result: judged.result,
    policy: judged.policy,
    policy_domain: judged.policyDomain,
    spf_aligned: judged.spfAligned,
    dkim_aligned: judged.dkimAligned,
    adkim_strict: record?.strictDkim,
    aspf_strict: record?.strictSpf,
    p: record?.policy,
    sp: record?.subdomainPolicy,
    np: record?.missingPolicy,
    record: record?.text,
    header_from: judged.domain,
    header_d: judged.policyDomain,
  }
  if (name === 'spf_aligned_domain') return judged.spfAligned === (value !== null)
  if (name === 'dkim_aligned_domain') return judged.dkimAligned === (value !== null)
  if (name === 'policy_domain_or_org') return isAmong(judged.policyDomain, value) || isAmong(judged.orgDomain, value)
  if (name === 'absent') return (value as string[]).every((absent) => own[absent] === undefined)
  return value === null || !(name in own) || isAmong(own[name], value)
}
