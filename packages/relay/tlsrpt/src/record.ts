/** The TXT record at `_smtp._tls.DOMAIN`: where a domain wants reports about TLS to its hosts (RFC 8460 §3). */
import { withoutBlanks } from '@yabumi/blanks'

const version = /^v=TLSRPTv1[ \t]*;/
const extension = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/
/** RFC 3986 §2: what a URI may consist of, without `,` `!` and `;`, which are to be encoded here. */
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#[\]@$&'()*+=-]|%[0-9A-Fa-f]{2})+$/

/** The addresses of the record, as they are; undefined if it is not well-formed. Only `mailto:` and `https:` can be used. */
export function parseReportRecord(record: string): readonly string[] | undefined {
  if (!version.test(record)) return undefined
  const fields = record.split(';').map(withoutBlanks)
  if (fields.at(-1) === '') fields.pop()
  const addresses: string[] = []
  for (const field of fields.slice(1)) {
    const value = /^rua[ \t]*=[ \t]*(.*)$/.exec(field)?.[1]
    if (value === undefined) {
      if (!extension.test(field)) return undefined
      continue
    }
    const list = value.split(',').map(withoutBlanks)
    if (!list.every((each) => uri.test(each))) return undefined
    addresses.push(...list)
  }
  return addresses.length === 0 ? undefined : addresses
}

/** The addresses that the records of a name come to: of exactly one that begins as such a record does. undefined: no reports are wanted. */
export function reportAddressesOf(records: readonly string[]): readonly string[] | undefined {
  const [record, ...others] = records.filter((each) => version.test(each))
  return record === undefined || others.length > 0 ? undefined : parseReportRecord(record)
}
