/** Whether reports about one domain may go to another one, which must say so (RFC 9990 §4, RFC 7489 §7.1). */
import { dmarcRecordBytes } from '@yabumi/limits'
import { isDmarcRecord, readTags } from './record.ts'
import { type AskDmarc, plainName, Walks } from './walk.ts'

/**
 * Ask a domain that is to get reports. Never throws; without an answer it is no.
 *
 * @param policyDomain - where the record is that names the address
 * @param reportDomain - the domain of the address
 */
export async function mayReportTo(policyDomain: string, reportDomain: string, ask: AskDmarc): Promise<boolean> {
  const [from, to] = [plainName(policyDomain), plainName(reportDomain)]
  if (from === '' || to === '') return false
  if (from === to) return true
  const walks = new Walks(ask)
  const [own, other] = [await walks.from(from), await walks.from(to)]
  if (!own.trouble && !other.trouble && own.organisation === other.organisation) return true
  const answer = await ask(`${from}._report._dmarc.${to}`, 'TXT')
  const records = answer.kind === 'found' ? answer.records : []
  return records.some((text) => isDmarcRecord(text) && text.length <= dmarcRecordBytes && readTags(text) !== undefined)
}
