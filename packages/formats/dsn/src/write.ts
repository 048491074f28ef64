/** Delivery status as we write it (RFC 3464, RFC 6533): the group of the message, and one of each recipient. */
import { asciiAddressText } from '@yabumi/address'
import { diagnosticBytes } from '@yabumi/limits'

export interface MessageStatus {
  readonly reportingMta: string
  /** ENVID as it came, as xtext (RFC 3461 §4.4). */
  readonly envelopeId: string | undefined
  /** As a header has a date. */
  readonly arrivalDate: string
}

export interface DeliveredStatus {
  /** A byte string. */
  readonly address: string
  /** ORCPT as it came (RFC 3461 §4.2). */
  readonly originalRecipient: string | undefined
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed'
  readonly status: string
  /** The address of the host that had the word, if there was one. */
  readonly remoteAddress: string | undefined
  /** `smtp; 550 no`, or what another program has said. */
  readonly diagnosticCode: string | undefined
  /** Of a delay, as a header has a date. */
  readonly willRetryUntil?: string | undefined
}

/** Lines end with LF; an empty line ends the group. */
export function messageGroup({ reportingMta, envelopeId, arrivalDate }: MessageStatus): string {
  return group([
    ['Reporting-MTA', `dns; ${reportingMta}`],
    ['Original-Envelope-Id', envelopeId === undefined ? undefined : plainXtext(envelopeId)],
    ['Arrival-Date', arrivalDate],
  ])
}

/** As messageGroup(). */
export function recipientGroup(recipient: DeliveredStatus): string {
  const { originalRecipient, remoteAddress, diagnosticCode } = recipient
  return group([
    ['Original-Recipient', originalRecipient === undefined ? undefined : plainXtext(originalRecipient)],
    ['Final-Recipient', typedAddress(recipient.address)],
    ['Action', recipient.action],
    ['Status', recipient.status],
    ['Remote-MTA', remoteAddress === undefined ? undefined : `dns; [${remoteAddress}]`],
    ['Diagnostic-Code', diagnosticCode?.slice(0, diagnosticBytes)],
    ['Will-Retry-Until', recipient.willRetryUntil],
  ])
}

/** With its type; what ASCII has no letter for is written as RFC 6533 §3 says. */
function typedAddress(address: string): string {
  return /^[ -~]*$/.test(address) ? `rfc822; ${address}` : `utf-8; ${asciiAddressText(address)}`
}

/** `+3D` is `=` (RFC 3461 §4); what would be no printable ASCII stays encoded. */
function plainXtext(text: string): string {
  return text.replace(/\+([0-7][0-9A-F])/g, (encoded, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16))
    return /[!-~]/.test(character) ? character : encoded
  })
}

const longestLine = 900

function group(fields: readonly (readonly [name: string, value: string | undefined])[]): string {
  const lines = fields.map(([name, value]) => (value === undefined ? '' : `${name}: ${folded(value)}\n`))
  return `${lines.join('')}\n`
}

/** One line or more, of printable ASCII. */
function folded(value: string): string {
  const plain = value.replace(/[^ -~]/g, '?')
  const lines: string[] = []
  for (let at = 0; at < plain.length; at += longestLine) lines.push(plain.slice(at, at + longestLine))
  return lines.join('\n ')
}
