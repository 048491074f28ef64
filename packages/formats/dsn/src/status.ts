/**
 * What a message says of the delivery of others: as delivery status (RFC 3464, RFC 6533), or in the words of qmail
 * (QSBMF).
 *
 * In      a message of a stranger
 * Bound   as many recipients as limits say; the caller limits the message
 */
import { statusRecipients } from '@yabumi/limits'
import { type Fields, firstOf, readFieldGroups } from './fields.ts'
import { type Report, readReport } from './parts.ts'
import { readQsbmf } from './qsbmf.ts'

/** Of one recipient; each as its field has it, in one line. Case and comments are the writer's. */
export interface RecipientStatus {
  /** `rfc822; joe@example.org` */
  readonly finalRecipient: string
  readonly originalRecipient?: string
  /** `failed`, `delayed`, `delivered`, `relayed`, `expanded` */
  readonly action: string
  /** `5.1.1`, perhaps with a comment. */
  readonly status: string
  readonly remoteMta?: string
  readonly diagnosticCode?: string
  readonly lastAttemptDate?: string
  readonly willRetryUntil?: string
}

export interface DeliveryStatus {
  /** In which form it came. */
  readonly form: 'delivery-status' | 'qsbmf'
  /** As the report's Content-Type has it, in lower case; undefined if it is no multipart/report. */
  readonly reportType: string | undefined
  readonly reportingMta: string | undefined
  readonly envelopeId: string | undefined
  readonly arrivalDate: string | undefined
  readonly recipients: readonly RecipientStatus[]
}

/** @returns undefined if the message is no such report */
export function readDeliveryStatus(message: Buffer): DeliveryStatus | undefined {
  const report = readReport(message)
  return fromStatusPart(report) ?? fromQsbmf(report)
}

function fromStatusPart({ type, parts }: Report): DeliveryStatus | undefined {
  const part = parts.find((each) => each.type === 'message/delivery-status' || each.type === 'message/global-delivery-status')
  if (part === undefined) return undefined
  const [first, ...others] = readFieldGroups(part.bytes, statusRecipients + 1)
  if (first === undefined) return undefined
  // some leave out the group of the message
  const groups = first.has('final-recipient') ? [first, ...others] : others
  return {
    form: 'delivery-status',
    reportType: type,
    reportingMta: firstOf(first, 'reporting-mta'),
    envelopeId: firstOf(first, 'original-envelope-id'),
    arrivalDate: firstOf(first, 'arrival-date'),
    recipients: groups.filter((group) => group.has('final-recipient')).map(recipientOf),
  }
}

const optional = {
  originalRecipient: 'original-recipient',
  remoteMta: 'remote-mta',
  diagnosticCode: 'diagnostic-code',
  lastAttemptDate: 'last-attempt-date',
  willRetryUntil: 'will-retry-until',
} as const

function recipientOf(fields: Fields): RecipientStatus {
  const known = Object.entries(optional).flatMap(([key, name]) => {
    const value = firstOf(fields, name)
    return value === undefined ? [] : [[key, value]]
  })
  return {
    finalRecipient: firstOf(fields, 'final-recipient') ?? '',
    action: firstOf(fields, 'action') ?? '',
    status: firstOf(fields, 'status') ?? '',
    ...Object.fromEntries(known),
  }
}

function fromQsbmf({ parts }: Report): DeliveryStatus | undefined {
  const text = parts.find(({ type }) => type === 'text/plain')
  const bounce = text === undefined ? undefined : readQsbmf(text.bytes)
  if (bounce === undefined) return undefined
  return {
    form: 'qsbmf',
    reportType: undefined,
    reportingMta: bounce.host === undefined ? undefined : `dns; ${bounce.host}`,
    envelopeId: undefined,
    arrivalDate: undefined,
    recipients: bounce.recipients.map(({ address, reason, status }) => ({
      finalRecipient: `rfc822; ${address}`,
      action: 'failed',
      status,
      diagnosticCode: `x-qmail; ${reason}`,
    })),
  }
}
