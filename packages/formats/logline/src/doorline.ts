/**
 * One line of the door's log as smtpd writes it (README of smtpd), with the time that a logger has put in front of it.
 */
import { timeOf } from './time.ts'

/** What a line tells about a message that came, or that was refused, or about the end of a session. Words are as clientWord has made them. */
export type DoorEvent = {
  /** Seconds since 1970, with a fraction where the logger has one. */
  readonly time: number | undefined
  readonly address: string
  readonly port: string
} & (
  | { readonly kind: 'message'; readonly qp: string; readonly bytes: number; readonly messageId: string }
  | { readonly kind: 'refused'; readonly reply: string; readonly messageId: string }
  | { readonly kind: 'ended'; readonly why: string; readonly helo: string }
)

/** smtpd's mark: the first one of a line, which smtpd itself or its supervisor has put there. */
const mark = /(?:^|\s)smtpd: /
const words =
  /^(\S+) (\d+): (?:message (\d+), (\d+) bytes(?:, [a-z]+=[a-z]+(?: [a-z]+=[a-z]+)*)?: (\S+)|(?:refused|declined) message: (.*): (\S+)|end: (.*), messages \d+, refused \d+, seconds \d+: (\S+))$/

/**
 * @param labels - what TAI64N labels are ahead of seconds since 1970
 * @returns undefined for a line about something else
 */
export function parseDoorLine(line: string, labels?: number): DoorEvent | undefined {
  const begin = mark.exec(line)
  if (begin === null) return undefined
  const found = words.exec(line.slice(begin.index + begin[0].length))
  if (found === null) return undefined
  const [, address = '', port = '', qp, bytes, messageId = '', reply, refusedId = '', why, helo = ''] = found
  const common = { time: timeOf(line, labels), address, port }
  if (qp !== undefined) return { kind: 'message', ...common, qp, bytes: Number(bytes), messageId }
  if (reply !== undefined) return { kind: 'refused', ...common, reply, messageId: refusedId }
  return why === undefined ? undefined : { kind: 'ended', ...common, why, helo }
}
