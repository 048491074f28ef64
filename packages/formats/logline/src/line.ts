/** One line of send's log, with the time that a logger has put in front of it (spec §2.5.7). */
import { timeOf } from './time.ts'

export type Outcome = 'success' | 'failure' | 'deferral' | 'mangled'

/** What a line tells about a message or a delivery; numbers as they stand there, texts with `_` for what was not printable. */
export type Event = {
  /** Seconds since 1970, with a fraction where the logger has one. */
  readonly time: number | undefined
} & (
  | { readonly kind: 'new' | 'end'; readonly id: string }
  | {
      readonly kind: 'info'
      readonly id: string
      readonly bytes: number
      readonly sender: string
      readonly qp: string
      readonly uid: string
    }
  | {
      readonly kind: 'start'
      readonly delivery: string
      readonly id: string
      readonly channel: 'local' | 'remote'
      readonly recipient: string
    }
  | { readonly kind: 'ended'; readonly delivery: string; readonly outcome: Outcome; readonly text: string }
  | { readonly kind: 'bounce'; readonly id: string; readonly qp: string }
)

/** Blanks are in no text from outside, so these words are send's own wherever they stand. */
const words =
  /(?:^|\s)(?:(new|end|info|bounce) msg (\d+)(.*)|starting delivery (\d+): msg (\d+) to (local|remote) (.*)|delivery (\d+): (.*))$/

/** A line of the door, in which a reply stands: that may be a filter's, which has blanks and repeats what a client has said. */
const doors = /(?:^|\s)(?:smtpd|popup|imapd): /

/**
 * @param labels - what TAI64N labels are ahead of seconds since 1970
 * @returns undefined for a line about something else
 */
export function parseLogLine(line: string, labels?: number): Event | undefined {
  const found = words.exec(line)
  if (found === null || doors.test(line)) return undefined
  const [, verb, id = '', rest = '', started, message = '', channel, recipient = '', ended, report = ''] = found
  const time = timeOf(line, labels)
  if (started !== undefined) {
    return { kind: 'start', time, delivery: started, id: message, channel: channel === 'local' ? 'local' : 'remote', recipient }
  }
  if (ended !== undefined) return parseReport(time, ended, report)
  if (verb === 'new' || verb === 'end') return { kind: verb, time, id }
  return verb === 'bounce' ? parseBounce(time, id, rest) : parseInfo(time, id, rest)
}

function parseReport(time: number | undefined, delivery: string, report: string): Event | undefined {
  if (report === 'report mangled, will defer') return { kind: 'ended', time, delivery, outcome: 'mangled', text: '' }
  const found = /^(success|failure|deferral): (.*)$/.exec(report)
  return found === null ? undefined : { kind: 'ended', time, delivery, outcome: found[1] as Outcome, text: found[2] as string }
}

function parseBounce(time: number | undefined, id: string, rest: string): Event | undefined {
  const qp = /^ qp (\d+)$/.exec(rest)?.[1]
  return qp === undefined ? undefined : { kind: 'bounce', time, id, qp }
}

function parseInfo(time: number | undefined, id: string, rest: string): Event | undefined {
  const found = /^: bytes (\d+) from <(.*)> qp (\d+) uid (\d+)$/.exec(rest)
  if (found === null) return undefined
  const [, bytes, sender, qp, uid] = found as unknown as [string, string, string, string, string]
  return { kind: 'info', time, id, bytes: Number(bytes), sender, qp, uid }
}
