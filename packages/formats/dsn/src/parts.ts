/** The parts of a report (RFC 6522), without their transfer encoding, wherever they lie in the message. */
import { reportParts } from '@yabumi/limits'
import { decodeTransfer, type Part, parameterOf, parseContentType, scanParts, transferEncoding } from '@yabumi/mimeparts'

/** A part that holds no others, or a message. */
export interface ReportPart {
  /** `message/delivery-status`, in lower case; a part without a type is text/plain. */
  readonly type: string
  /** The file's name, as far as one is given; a byte string. */
  readonly name: string | undefined
  readonly bytes: Buffer
}

export interface Report {
  /** `delivery-status`, in lower case; undefined if the message is no multipart/report. */
  readonly type: string | undefined
  /** In the order in which they stand; those of messages within are not among them. */
  readonly parts: readonly ReportPart[]
}

/** @param message - with line ends of either kind. It is the caller's to limit its size */
export function readReport(message: Buffer): Report {
  const root = scanParts(message)
  const parts: ReportPart[] = []
  collect(root, message, parts)
  const isReport = typeOf(root) === 'multipart/report'
  return { type: isReport ? parameterOf(root.type, 'report-type')?.toLowerCase() : undefined, parts }
}

function collect(part: Part, message: Buffer, into: ReportPart[]): void {
  if (into.length >= reportParts) return
  if (part.kind === 'multipart') {
    for (const child of part.children) collect(child, message, into)
    return
  }
  const body = message.subarray(part.body.start, part.body.end)
  const encoding = transferEncoding(fieldOf(part, 'content-transfer-encoding')?.trim())
  const disposition = fieldOf(part, 'content-disposition')
  const name = disposition === undefined ? undefined : parameterOf(parseContentType(`x/${disposition.trim()}`), 'filename')
  into.push({
    type: typeOf(part),
    name: name ?? parameterOf(part.type, 'name'),
    bytes: encoding === 'identity' ? body : decodeTransfer(body, encoding).bytes,
  })
}

function typeOf({ type }: Part): string {
  return type === undefined ? 'text/plain' : `${type.type}/${type.subtype}`.toLowerCase()
}

function fieldOf(part: Part, name: string): string | undefined {
  return part.fields.get(name)?.[0]
}
