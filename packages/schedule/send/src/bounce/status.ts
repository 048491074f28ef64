/**
 * What bounce/N says of each recipient, as fields of a delivery status (RFC 3464 §2.3).
 *
 * Memory  a piece of the file, and one paragraph
 */
import { type DeliveredStatus, statusIn } from '@yabumi/dsn'
import { piecesOf } from './copy.ts'

/** What a paragraph may end with: what the report does not say. */
export const actionMark = 'Action: '
export const originalRecipientMark = 'Original-Recipient: '

const tooLate = 'this message has been in the queue too long.'
const ip = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f.]{0,15}){2,7}'
const host = new RegExp(`^(?:Connected to )?(${ip}) |Giving up on (${ip})\\.`)

/** @param file - relative to queue/ @throws the system's error */
export function* recipientsIn(file: string): Generator<DeliveredStatus> {
  let rest = ''
  for (const piece of piecesOf(file)) {
    const paragraphs = (rest + piece.toString('latin1')).split('\n\n')
    rest = paragraphs.pop() ?? ''
    for (const paragraph of paragraphs) yield* readParagraph(paragraph)
  }
  yield* readParagraph(rest)
}

/** The same of paragraphs that are in no file. */
export function recipientsInText(text: string): DeliveredStatus[] {
  return text.split('\n\n').flatMap(readParagraph)
}

function readParagraph(paragraph: string): DeliveredStatus[] {
  const [head = '', ...lines] = paragraph.split('\n')
  const address = /^<(.*)>:$/.exec(head)?.[1]
  if (address === undefined) return []
  const marked = (mark: string): string | undefined => lines.find((line) => line.startsWith(mark))?.slice(mark.length)
  const report = lines.filter((line) => !line.startsWith(actionMark) && !line.startsWith(originalRecipientMark)).join(' ')
  const action = marked(actionMark) as DeliveredStatus['action'] | undefined
  const [, first, last] = host.exec(report) ?? []
  return [
    {
      address,
      originalRecipient: marked(originalRecipientMark),
      action: action ?? 'failed',
      status: statusOf(action, report),
      remoteAddress: first ?? last,
      diagnosticCode: diagnosticOf(lines, report),
    },
  ]
}

function statusOf(action: DeliveredStatus['action'] | undefined, report: string): string {
  if (action === undefined) return statusIn(report) ?? (report.includes(tooLate) ? '4.4.7' : '5.0.0')
  return action === 'delayed' ? (statusIn(report) ?? '4.0.0') : '2.0.0'
}

/** The words of the far host, else all of the report. */
function diagnosticOf(lines: readonly string[], report: string): string | undefined {
  const said = lines.find((line) => line.startsWith(remoteMark))
  if (said !== undefined) return `smtp; ${said.slice(remoteMark.length)}`
  return report === '' ? undefined : `x-qmail; ${report}`
}

const remoteMark = 'Remote host said: '
