/** Complaints (ARF, RFC 5965), and reports of failed authentication in the same form (RFC 6591). */
import { firstOf, readFieldGroups, readReport } from '@yabumi/dsn'

export interface AbuseReport {
  /** `abuse`, `auth-failure`, `fraud`, ... in lower case. */
  readonly feedbackType: string
  readonly userAgent: string
  readonly version: number
  readonly sourceIp?: string
  /** As the field has it, with its brackets. */
  readonly originalMailFrom?: string
  readonly originalRcptTo: readonly string[]
  readonly arrivalDate?: string
  readonly reportedDomains: readonly string[]
  readonly reportedUris: readonly string[]
  /** Messages of the kind; 1 where it is not said. */
  readonly incidents: number
  /** RFC 6591 §3.1: `dmarc`, `bodyhash`, ... in lower case. */
  readonly authFailure?: string
  /** The message that it is about, or its header. */
  readonly message: Buffer | undefined
}

const originals = new Set(['message/rfc822', 'text/rfc822-headers', 'message/rfc822-headers'])

/** @returns undefined if the message is no such report */
export function readAbuseReport(message: Buffer): AbuseReport | undefined {
  const { parts } = readReport(message)
  const part = parts.find(({ type }) => type === 'message/feedback-report')
  const [fields] = part === undefined ? [] : readFieldGroups(part.bytes, 1)
  const feedbackType = fields && firstOf(fields, 'feedback-type')
  if (fields === undefined || feedbackType === undefined) return undefined
  // a host's name may follow it
  const sourceIp = /^[0-9A-Fa-f.:]{2,45}/.exec(firstOf(fields, 'source-ip') ?? '')?.[0]
  const originalMailFrom = firstOf(fields, 'original-mail-from')
  const arrivalDate = firstOf(fields, 'arrival-date') ?? firstOf(fields, 'received-date')
  const authFailure = firstOf(fields, 'auth-failure')?.toLowerCase()
  return {
    feedbackType: feedbackType.toLowerCase(),
    userAgent: firstOf(fields, 'user-agent') ?? '',
    version: numberOf(firstOf(fields, 'version'), 1),
    ...(sourceIp === undefined ? {} : { sourceIp }),
    ...(originalMailFrom === undefined ? {} : { originalMailFrom }),
    originalRcptTo: fields.get('original-rcpt-to') ?? [],
    ...(arrivalDate === undefined ? {} : { arrivalDate }),
    reportedDomains: fields.get('reported-domain') ?? [],
    reportedUris: fields.get('reported-uri') ?? [],
    incidents: numberOf(firstOf(fields, 'incidents'), 1),
    ...(authFailure === undefined ? {} : { authFailure }),
    message: parts.find(({ type }) => originals.has(type))?.bytes,
  }
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : otherwise
}
