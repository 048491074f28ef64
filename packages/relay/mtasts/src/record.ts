/** The TXT record at `_mta-sts.DOMAIN`: that there is a policy, and which (RFC 8461 §3.1). */
import { withoutBlanks } from '@yabumi/blanks'

/** `v=STSv1`, and what begins a record at all. */
const version = /^v=STSv1[ \t]*;/
const idValue = /^[A-Za-z0-9]{1,32}$/
const extension = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/

/** The id of the policy; undefined if the record is not well-formed. */
export function parseRecord(record: string): string | undefined {
  if (!version.test(record)) return undefined
  const fields = record.split(';').map(withoutBlanks)
  if (fields.at(-1) === '') fields.pop()
  let id: string | undefined
  for (const field of fields.slice(1)) {
    if (field.startsWith('id=')) {
      if (!idValue.test(field.slice(3))) return undefined
      id ??= field.slice(3)
    } else if (!extension.test(field)) return undefined
  }
  return id
}

/** The id that the records of a name come to: of exactly one that begins as an STS record does. undefined: the domain has no policy. */
export function idOf(records: readonly string[]): string | undefined {
  const [record, ...others] = records.filter((each) => version.test(each))
  return record === undefined || others.length > 0 ? undefined : parseRecord(record)
}
