/**
 * Names of header fields: what counts as a field line, and the names that programs treat in a way of their own
 * (spec §4.3).
 */

/** The known names, in lower case. */
export type KnownName =
  | 'sender'
  | 'from'
  | 'reply-to'
  | 'to'
  | 'cc'
  | 'bcc'
  | 'date'
  | 'message-id'
  | 'subject'
  | 'resent-sender'
  | 'resent-from'
  | 'resent-reply-to'
  | 'resent-to'
  | 'resent-cc'
  | 'resent-bcc'
  | 'resent-date'
  | 'resent-message-id'
  | 'return-receipt-to'
  | 'errors-to'
  | 'apparently-to'
  | 'received'
  | 'return-path'
  | 'delivered-to'
  | 'content-length'
  | 'content-type'
  | 'content-transfer-encoding'
  | 'notice-requested-upon-delivery-to'
  | 'mail-followup-to'

const known: ReadonlySet<string> = new Set<KnownName>([
  'sender',
  'from',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'date',
  'message-id',
  'subject',
  'resent-sender',
  'resent-from',
  'resent-reply-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'resent-date',
  'resent-message-id',
  'return-receipt-to',
  'errors-to',
  'apparently-to',
  'received',
  'return-path',
  'delivered-to',
  'content-length',
  'content-type',
  'content-transfer-encoding',
  'notice-requested-upon-delivery-to',
  'mail-followup-to',
])

/**
 * The name of the field that a line begins: what stands before its first colon, without blanks before that colon.
 *
 * @returns undefined if the line begins no field: no colon, no name, or a byte outside 33..126 in the name
 */
export function fieldName(line: string): string | undefined {
  const colon = line.indexOf(':')
  let end = colon
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1
  if (end <= 0) return undefined
  const name = line.slice(0, end)
  return /[^!-~]/.test(name) ? undefined : name
}

/** The known name of a field, whatever its case; undefined for any other field. */
export function knownName(field: string): KnownName | undefined {
  const name = fieldName(field)?.toLowerCase()
  return name !== undefined && known.has(name) ? (name as KnownName) : undefined
}
