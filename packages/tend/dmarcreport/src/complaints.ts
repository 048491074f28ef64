/** What complaints come to (ARF, RFC 5965): by their kind, and by the address that the mail came from. */
import type { AbuseReport } from '@yabumi/reports'

export interface Complaint {
  /** `abuse`, `auth-failure`, ... */
  readonly kind: string
  /** Undefined: not said. */
  readonly ip: string | undefined
  messages: number
  readonly senders: Set<string>
  readonly recipients: Set<string>
  /** Programs that have written the reports. */
  readonly reporters: Set<string>
  /** Of auth-failure: what failed. */
  readonly failures: Set<string>
}

/** Add a complaint to those of its kind about the same address. */
export class Complaints {
  readonly #all = new Map<string, Complaint>()

  add(report: AbuseReport): void {
    const { feedbackType: kind } = report
    const ip = report.sourceIp?.toLowerCase()
    const key = `${ip ?? ''} ${kind}`
    const complaint = this.#all.get(key) ?? {
      kind,
      ip,
      messages: 0,
      senders: new Set(),
      recipients: new Set(),
      reporters: new Set(),
      failures: new Set(),
    }
    this.#all.set(key, complaint)
    complaint.messages += report.incidents
    if (report.originalMailFrom !== undefined) complaint.senders.add(report.originalMailFrom)
    for (const recipient of report.originalRcptTo) complaint.recipients.add(recipient)
    if (report.userAgent !== '') complaint.reporters.add(report.userAgent)
    if (report.authFailure !== undefined) complaint.failures.add(report.authFailure)
  }

  /** Those about most messages first. */
  sorted(): Complaint[] {
    return [...this.#all.values()].sort((one, other) => other.messages - one.messages)
  }
}

/** RFC 5965 §7.3, RFC 6591 §3.1 and others in the registry: what the kinds mean to who has sent the mail. */
const advice: Readonly<Record<string, string>> = {
  abuse: 'They do not want it. Take them off the list. If nobody of yours has sent it, an account or host is misused.',
  'auth-failure': 'It did not prove whose it was. If it is yours, sign it with DKIM, or add the address to SPF.',
  fraud: 'It was to deceive somebody. Find out which account or host has sent it, and stop that first.',
  virus: 'It held a virus. Find out which account or host has sent it, and stop that first.',
  'not-spam': 'It was taken for spam, and somebody says that it is none.',
  'opt-out': 'They want no more of it. Take them off the list.',
  'opt-out-list': 'They want no more of it. Take them off the list.',
}

/** What a person is to know of it, in sentences. */
export function meaningOf({ kind, senders, recipients, reporters, failures }: Complaint): string {
  const facts = [
    namesOf('Sent as', senders),
    namesOf('To', recipients),
    namesOf('Failed:', failures),
    namesOf('Told by', reporters),
    advice[kind] ?? 'See the report itself.',
  ]
  return facts.filter((fact) => fact !== '').join(' ')
}

const mostNames = 5

function namesOf(word: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return ''
  const more = names.size > mostNames ? ` and ${names.size - mostNames} more` : ''
  return `${word} ${[...names].sort().slice(0, mostNames).join(', ')}${more}.`
}
